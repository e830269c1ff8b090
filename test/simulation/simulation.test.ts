import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** A process of its own: time, timers and chance are those of the simulation there. */
function run(...options: string[]): { status: number | null; output: string } {
  const main = join(import.meta.dirname, 'main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...options], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

const fingerprint = (output: string, seed: number) => new RegExp(`^seed ${seed}: (\\w{16})$`, 'm').exec(output)?.[1];

test('every invariant holds for the first seeds, and the same seed gives the same run', { timeout: 600_000 }, () => {
  const { status, output } = run('--seed', '1-12', '--seconds', '15');
  expect(status, output).toBe(0);
  // Whatever ran before it.
  expect(fingerprint(output, 2)).toBeDefined();
  expect(fingerprint(run('--seed', '2').output, 2)).toBe(fingerprint(output, 2));
});

test('without faults, every invariant holds too', { timeout: 300_000 }, () => {
  const { status, output } = run('--seed', '1-2', '--calm');
  expect(status, output).toBe(0);
});
