import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Runs in its own process, because time, timers and randomness are simulated there. */
function run(...options: string[]): { status: number | null; output: string } {
  const main = join(import.meta.dirname, 'main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...options], { encoding: 'utf8', timeout });
  return { status, output: stdout + stderr };
}

/** The test's own limit cannot end a synchronous child process. */
const timeout = 240_000;

const fingerprint = (output: string, seed: number) => new RegExp(`^seed ${seed}: (\\w{16})$`, 'm').exec(output)?.[1];

// `.ci/run` runs more seeds: `npm run simulate`.
test('every invariant holds for the first seeds, and the same seed gives the same run', { timeout: 600_000 }, () => {
  const { status, output } = run('--seed', '1-3');
  expect(status, output).toBe(0);
  // The run does not depend on what ran before it.
  expect(fingerprint(output, 2)).toBeDefined();
  expect(fingerprint(run('--seed', '2').output, 2)).toBe(fingerprint(output, 2));
});

test('without faults, every invariant holds too', { timeout: 300_000 }, () => {
  const { status, output } = run('--seed', '1-2', '--calm');
  expect(status, output).toBe(0);
});
