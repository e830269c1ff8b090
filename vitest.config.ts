import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';

const onEngines = ['test/engine/*.test.ts', 'test/local/{closed-engines,edge,key}.test.ts'];
const onMuster = ['test/{mcp,scenario}/*.test.ts', 'test/clients/!(heartbeats|polls|retry-after|traces).test.ts'];
// Each takes ten seconds or more by itself: `npm test` leaves them to `npm run test:slow`, `.ci/run` runs both.
const slow = [
  'test/scenario/{documented-answers,durability,flatness,life-costs,policies,quickstart,random-work,restore}.test.ts',
  'test/scenario/{bulk,cloudwatch,explain,faults,fresh-statistics,graph-runs,graphs,large-graphs,public-events,release-drain}.test.ts',
  'test/domain/moves-within-a-page.test.ts',
  'test/clients/{agent-process,cli,cli-bulk,cli-usage,examples,generated,worker,worker-troubles}.test.ts',
  'test/mcp/{conformance,models,stdio}.test.ts',
  'test/local/{main,stream-source}.test.ts',
  'test/docs/transcripts.test.ts',
  'test/packages/*.test.ts',
  'test/simulation/*.test.ts',
  'test/functions/aws-clients.test.ts',
];
const inBrowser = ['test/browser/*.test.ts'];
const inPython = ['test/python/*.test.ts'];
const pure = ['test/{architecture,bench,conditions,dashboard,docs,domain,infra,language}/*.test.ts'];

/** In memory where Linux has room for it: on a disk, engines wait for each of their writes. Removed with all that tests left. */
function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(hasRoom(inMemory) ? inMemory : tmpdir(), 'muster-run-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const inMemory = '/dev/shm';

function hasRoom(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const { bavail: blocks, bsize: blockBytes } = statfsSync(folder);
  return blocks * blockBytes > 2 * 1024 ** 3;
}

export default defineConfig({
  test: {
    env: {
      TMPDIR: temporaryFolder(),
      // The processes that tests start need half the time with what was compiled before.
      NODE_COMPILE_CACHE: path.join(import.meta.dirname, 'build', 'compile-cache'),
    },
    // Most take a few seconds, and ten times as long on a machine that is busy with something else.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 3,
    // What is waited for comes within milliseconds; the limit is for a machine that is busy with something else.
    expect: { poll: { timeout: 45_000, interval: 20 } },
    // Where files are not isolated, those of a process run one after the other and share what was started and loaded.
    projects: [
      {
        extends: true,
        test: { name: 'engine', include: onEngines, isolate: false, globalSetup: 'test/support/shared-engine.ts' },
      },
      { extends: true, test: { name: 'muster', include: onMuster, exclude: slow, isolate: false } },
      { extends: true, test: { name: 'pure', include: pure, exclude: slow, isolate: false } },
      // All others, because they change what a process has once: its environment, its timers or its output.
      {
        extends: true,
        test: {
          name: 'process',
          include: ['test/**/*.test.ts'],
          exclude: [...onEngines, ...onMuster, ...pure, ...slow, ...inBrowser, ...inPython],
        },
      },
      { extends: true, test: { name: 'slow', include: slow } },
      {
        extends: true,
        test: {
          name: 'python',
          include: inPython,
          testTimeout: 240_000,
          globalSetup: 'test/python/support/setup.ts',
          // Each module is compiled once for all tests, and not beside its sources.
          env: { PYTHONPYCACHEPREFIX: path.join(import.meta.dirname, 'build', 'pycache') },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: inBrowser,
          isolate: false,
          testTimeout: 300_000,
          globalSetup: 'test/browser/support/setup.ts',
        },
      },
    ],
  },
});
