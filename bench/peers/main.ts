/**
 * `npm run bench:peers`: the same workload with dependencies on Muster and on other queues, side by side on this
 * machine. Queues that are not installed are named and skipped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findPostgres, findRedis, startPostgres, startRedis, versionOf, type Server } from './servers.ts';
import { describe } from './report.ts';
import { tryOut, type Trial } from './trial.ts';
import type { Peer } from './peer.ts';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '1000' },
    pairs: { type: 'string', default: '100' },
    only: { type: 'string', multiple: true },
  },
});
const options = { tasks: Number(values.tasks), pairs: Number(values.pairs), pairsPerSecond: 4 };

const trials: Trial[] = [];
const versions: string[] = [`Node ${process.versions.node}`];

const installed = (name: string) => path.join(import.meta.dirname, 'node_modules', name, 'package.json');

async function run(peer: Peer): Promise<void> {
  console.error(`${peer.name} ...`);
  trials.push(await tryOut(peer, options));
}

/** Runs a queue on its own server, which is stopped in any case. */
async function runOn(start: () => Promise<Server>, name: string, load: (server: Server) => Promise<Peer>) {
  if (!isWanted(name)) return;
  const server = await start();
  try {
    await run(await load(server));
  } finally {
    await server.stop();
  }
  const { version } = JSON.parse(readFileSync(installed(name), 'utf8')) as { version: string };
  versions.push(`${name} ${version}`);
}

// Everything started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const isWanted = (name: string) => values.only?.includes(name) ?? true;

if (!existsSync(installed('bullmq'))) {
  console.log('The other queues are not installed. Run: npm ci --prefix bench/peers');
} else {
  const { muster } = await import('./adapters/muster.ts');
  if (isWanted('muster')) for (const routing of ['manual', 'auto'] as const) await run(muster(routing));

  const postgres = findPostgres();
  if (postgres === undefined) {
    console.log(
      'PostgreSQL is not installed: pg-boss and graphile-worker are left out. On Debian: apt-get install postgresql',
    );
  } else {
    versions.push(`PostgreSQL ${versionOf(path.join(postgres, 'postgres'))}`);
    const start = () => startPostgres(postgres);
    await runOn(start, 'pg-boss', async (server) => (await import('./adapters/pg-boss.ts')).pgBoss(server));
    await runOn(start, 'graphile-worker', async (server) =>
      (await import('./adapters/graphile-worker.ts')).graphileWorker(server),
    );
  }

  const redis = findRedis();
  if (redis === undefined) {
    console.log('Redis is not installed: BullMQ is left out. On Debian: apt-get install redis-server');
  } else {
    versions.push(`Redis ${versionOf(redis)}`);
    await runOn(
      () => startRedis(redis),
      'bullmq',
      async (server) => (await import('./adapters/bullmq.ts')).bullmq(server),
    );
  }
  const [processor] = cpus();
  console.log(`\n${cpus().length} cores, ${processor?.model.trim() ?? 'unknown'}; ${versions.join(', ')}`);
  console.log(`${options.tasks} tasks; then ${options.pairs} pairs, ${options.pairsPerSecond} a second\n`);
  console.log(describe(trials));
  if (trials.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
}
