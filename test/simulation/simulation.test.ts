import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** A process of its own: time, timers and chance are those of the simulation there. */
function run(...options: string[]): { status: number | null; output: string } {
  const main = join(import.meta.dirname, 'main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...options], { encoding: 'utf8', timeout });
  return { status, output: stdout + stderr };
}

/** A program that is waited for like this cannot be ended by the limit of the test. */
const timeout = 240_000;

const fingerprint = (output: string, seed: number) => new RegExp(`^seed ${seed}: (\\w{16})$`, 'm').exec(output)?.[1];

// `.ci/run` goes on to more seeds: `npm run simulate`.
test('every invariant holds for the first seeds, and the same seed gives the same run', { timeout: 600_000 }, () => {
  const { status, output } = run('--seed', '1-3');
  expect(status, output).toBe(0);
  // Whatever ran before it.
  expect(fingerprint(output, 2)).toBeDefined();
  expect(fingerprint(run('--seed', '2').output, 2)).toBe(fingerprint(output, 2));
});

test('without faults, every invariant holds too', { timeout: 300_000 }, () => {
  const { status, output } = run('--seed', '1-2', '--calm');
  expect(status, output).toBe(0);
});
