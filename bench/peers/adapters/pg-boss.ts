import { PgBoss } from 'pg-boss';
import type { Peer } from '../peer.ts';
import type { Server } from '../servers.ts';
import { queueOf, requirementSets, shareSlots } from '../workload.ts';

const priorities = { high: 3, medium: 2, low: 1 };

/**
 * pg-boss. Its flows are graphs; dependents are released by a pass that runs once a second, its shortest interval. A
 * worker serves a whole queue or none, so there is one queue per requirement set, and an agent's slots are divided
 * among those that it can serve.
 */
export const pgBoss = (postgres: Server): Peer => ({
  name: 'pg-boss',
  async start(agents, work) {
    const boss = new PgBoss({
      connectionString: `postgres://postgres@127.0.0.1:${postgres.port}/postgres`,
      max: 20,
      useListenNotify: true,
      flowIntervalSeconds: 1,
    });
    boss.on('error', (error) => console.error(error));
    await boss.start();
    for (const requirements of requirementSets) await boss.createQueue(queueOf(requirements), { notify: true });
    for (const agent of agents) {
      for (const { queue, slots } of shareSlots(agent)) {
        // Its shortest intervals. A full batch is followed by the next one at once.
        const options = {
          batchSize: slots,
          burstWhenBatchFull: true,
          pollingIntervalSeconds: 0.5,
          notifyPollingIntervalSeconds: 0.5,
        };
        await boss.work<{ id: string }>(queue, options, async (jobs) => {
          await Promise.all(jobs.map(({ data }) => work(agent, data.id)));
        });
      }
    }
    return {
      processes: [postgres.pid],
      async submit(tasks) {
        await boss.flow(
          tasks.map(({ id, requirements, priority, dependencies }) => ({
            ref: id,
            name: queueOf(requirements),
            data: { id },
            options: { priority: priorities[priority] },
            dependsOn: [...dependencies],
          })),
        );
      },
      stop: () => boss.stop({ graceful: true }),
    };
  },
});
