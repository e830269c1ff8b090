import { Logger, makeWorkerUtils, run, type Task } from 'graphile-worker';
import { Pool } from 'pg';
import type { Peer } from '../peer.ts';
import type { Server } from '../servers.ts';
import { canDo, queueOf, requirementSets } from '../workload.ts';

/** Lower runs sooner. */
const priorities = { high: 1, medium: 2, low: 3 };

/**
 * Dependencies, which graphile-worker lacks: waiting tasks, and a function that meets a dependency and adds the tasks
 * with none left.
 */
const dependencies = `
  create table waiting (id text primary key, queue text not null, priority int not null, unmet int not null);
  create table edges (parent text, child text, primary key (parent, child));
  create function meet(met text) returns void language sql as $$
    with gone as (delete from edges where parent = met returning child),
         counted as (update waiting set unmet = unmet - 1 from gone where id = gone.child returning waiting.*)
    select graphile_worker.add_job(queue, json_build_object('id', id), priority => priority) from counted where unmet = 0;
  $$`;

/**
 * graphile-worker. It has no dependencies: this adapter keeps them in tables of the same database. An agent is a runner
 * with the task identifiers of the requirement sets it can serve, and a concurrency equal to its slots.
 */
export const graphileWorker = (postgres: Server): Peer => ({
  name: 'graphile-worker',
  async start(agents, work) {
    const pool = new Pool({ host: '127.0.0.1', port: postgres.port, user: 'postgres', database: 'template1', max: 80 });
    // Its runners listen until the server stops; without a handler, the end of such a connection ends this process.
    pool.on('error', () => undefined);
    const logger = new Logger(() => () => undefined);
    const utils = await makeWorkerUtils({ pgPool: pool, logger });
    await utils.migrate();
    await pool.query(dependencies);
    const runners = await Promise.all(
      agents.map((agent) => {
        const perform: Task = async (payload, { withPgClient }) => {
          const { id } = payload as { id: string };
          await work(agent, id);
          // Before the job ends, so that it is repeated if the process dies here.
          await withPgClient((client) => client.query('select meet($1)', [id]));
        };
        const served = requirementSets.filter((requirements) => canDo(agent, requirements)).map(queueOf);
        return run({
          pgPool: pool,
          logger,
          concurrency: agent.slots,
          noHandleSignals: true,
          taskList: Object.fromEntries(served.map((queue) => [queue, perform])),
        });
      }),
    );
    return {
      processes: [postgres.pid],
      async submit(tasks) {
        const dependent = tasks.filter((task) => task.dependencies.length > 0);
        const edges = dependent.flatMap(({ id, dependencies }) =>
          dependencies.map((parent) => ({ parent, child: id })),
        );
        await pool.query('insert into waiting select * from unnest($1::text[], $2::text[], $3::int[], $4::int[])', [
          dependent.map(({ id }) => id),
          dependent.map(({ requirements }) => queueOf(requirements)),
          dependent.map(({ priority }) => priorities[priority]),
          dependent.map(({ dependencies }) => dependencies.length),
        ]);
        await pool.query('insert into edges select * from unnest($1::text[], $2::text[])', [
          edges.map(({ parent }) => parent),
          edges.map(({ child }) => child),
        ]);
        const roots = tasks.filter((task) => task.dependencies.length === 0);
        await utils.addJobs(
          roots.map(({ id, requirements, priority }) => ({
            identifier: queueOf(requirements),
            payload: { id },
            priority: priorities[priority],
          })),
        );
      },
      async stop() {
        await Promise.all(runners.map((runner) => runner.stop()));
        await utils.release();
        await pool.end();
      },
    };
  },
});
