import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const onEngines = ['test/engine/*.test.ts', 'test/local/{closed-engines,edge,key}.test.ts'];
const onMuster = ['test/{mcp,scenario}/*.test.ts', 'test/clients/!(heartbeats|polls|retry-after|traces).test.ts'];
// Each takes ten seconds or more. `npm test` leaves them to `npm run test:slow`; `.ci/run` runs both.
const slowOnMuster = [
  'test/scenario/{documented-answers,durability,flatness,life-costs,policies,quickstart,random-work,restore}.test.ts',
  'test/scenario/{bulk,cloudwatch,explain,faults,fresh-statistics,graph-runs,graphs,large-graphs,public-events,release-drain}.test.ts',
  'test/clients/{agent-process,cli,cli-bulk,cli-usage,examples,generated,worker,worker-troubles}.test.ts',
  'test/mcp/{conformance,models,stdio}.test.ts',
];
const otherSlow = [
  'test/domain/moves-within-a-page.test.ts',
  'test/local/{main,stream-source}.test.ts',
  'test/docs/transcripts.test.ts',
  'test/packages/*.test.ts',
  'test/simulation/*.test.ts',
  'test/functions/aws-clients.test.ts',
];
const slow = [...slowOnMuster, ...otherSlow];
/** The longest test files of each project, longest first. */
const longest = [
  'test/local/main.test.ts',
  'test/domain/moves-within-a-page.test.ts',
  'test/packages/examples.test.ts',
  'test/local/stream-source.test.ts',
  'test/simulation/simulation.test.ts',
  'test/scenario/life-costs.test.ts',
  'test/scenario/explain.test.ts',
  'test/clients/generated.test.ts',
  'test/scenario/large-graphs.test.ts',
  'test/scenario/graphs.test.ts',
  'test/scenario/documented-answers.test.ts',
  'test/scenario/restore.test.ts',
  'test/scenario/durability.test.ts',
  'test/engine/many-dependents.test.ts',
  'test/engine/recount.test.ts',
  'test/conditions/conditions.test.ts',
];
const inBrowser = ['test/browser/*.test.ts'];
const inPython = ['test/python/*.test.ts'];
const pure = ['test/{architecture,bench,conditions,dashboard,docs,domain,infra,language}/*.test.ts'];

/**
 * In memory if Linux has room for it, because on a disk, engines wait for each write. Removed together with anything
 * that tests leave.
 */
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

/**
 * Runs the longest files first; run last, one would occupy a single worker while the others are idle. Vitest itself
 * does so after a first run, and otherwise starts with the largest files.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))];
    const filesOf = (of: TestSpecification['project']) => sorted.filter(({ project }) => project === of);
    return projects.flatMap((project) => filesOf(project).toSorted((one, other) => rankOf(one) - rankOf(other)));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = longest.findIndex((name) => moduleId.endsWith(name));
  return rank === -1 ? longest.length : rank;
}

export default defineConfig({
  test: {
    env: {
      TMPDIR: temporaryFolder(),
      // Processes started by tests take half the time with cached code.
      NODE_COMPILE_CACHE: path.join(import.meta.dirname, 'build', 'compile-cache'),
    },
    // Most take a few seconds, and ten times as long on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Most waits take milliseconds; the limit is for a busy machine.
    expect: { poll: { timeout: 45_000, interval: 20 } },
    // Files that are not isolated run one after another in a process, and share what was started and loaded.
    projects: [
      {
        extends: true,
        test: { name: 'engine', include: onEngines, isolate: false, globalSetup: 'test/support/shared-engine.ts' },
      },
      { extends: true, test: { name: 'muster', include: onMuster, exclude: slow, isolate: false } },
      { extends: true, test: { name: 'pure', include: pure, exclude: slow, isolate: false } },
      // All others, because they change global state of a process: its environment, timers or output.
      {
        extends: true,
        test: {
          name: 'process',
          include: ['test/**/*.test.ts'],
          exclude: [...onEngines, ...onMuster, ...pure, ...slow, ...inBrowser, ...inPython],
        },
      },
      { extends: true, test: { name: 'slow', include: otherSlow } },
      { extends: true, test: { name: 'slow-on-muster', include: slowOnMuster, isolate: false } },
      {
        extends: true,
        test: {
          name: 'python',
          include: inPython,
          testTimeout: 240_000,
          globalSetup: 'test/python/support/setup.ts',
          // Each module is compiled once for all tests, and not next to its sources.
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
