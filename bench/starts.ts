/**
 * `node bench/starts.ts`: the startup cost of each function relative to a bare handler with a DynamoDB client, as
 * `bundleBare` bundles it. It measures CPU time in processes that alternate; the median of eleven rounds. Compare
 * ratios within a run, not times between runs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundlePath } from '#infra/bundle-path.ts';
import { bundleFunctions, functionNames, type FunctionName } from '#scripts/bundle.ts';
import { env } from '#shared/env.ts';
import { bundleBare, median, printRatio } from './over-bare.ts';

const rounds = 11;

const budgets: Partial<Record<FunctionName, number>> = { api: 1.5, mcp: 2 };
const otherBudget = 1.25;

const timed = `
  const before = process.cpuUsage();
  await import(process.argv[1]);
  const { user, system } = process.cpuUsage(before);
  console.log(user + system);`;

const required = [env.tasksTable, env.agentsTable, env.readyQueueUrl, env.releaseQueueUrl, env.deadLetterQueueUrl];
const environment = {
  AWS_REGION: 'us-east-1',
  NODE_ENV: 'production',
  ...Object.fromEntries([...required, env.busName].map((name) => [name, 'x'])),
};

/** Microseconds that a new process takes to load a bundle. */
function startOf(file: string): number {
  const code = ['--input-type=module', '-e', timed, pathToFileURL(file).href];
  const { stdout, stderr } = spawnSync(process.execPath, code, { encoding: 'utf8', env: environment });
  if (!(Number(stdout) > 0)) throw new Error(`${file} does not start: ${stderr}`);
  return Number(stdout);
}

const folder = mkdtempSync(path.join(tmpdir(), 'muster-starts-'));
try {
  await bundleFunctions();
  const bare = await bundleBare('bare-handler', folder);
  const files = new Map<string, string>([['bare', bare]]);
  for (const name of functionNames) files.set(name, path.join(bundlePath(name), 'index.mjs'));
  const starts = new Map([...files.keys()].map((name): [string, number[]] => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, file] of files) starts.get(name)?.push(startOf(file));
  }
  const base = median(starts.get('bare') ?? []);
  for (const name of functionNames) {
    const ratio = median(starts.get(name) ?? []) / base;
    printRatio(name, ratio, budgets[name] ?? otherBudget);
  }
} finally {
  rmSync(folder, { recursive: true });
}
