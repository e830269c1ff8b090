import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runScript } from '../support/command.ts';

interface Ended {
  code: unknown;
  output: string;
  /** What it left in the folder for temporary files. */
  left: string[];
}

/** Runs the quick start as `npm run quickstart` does. */
async function quickstart(variables: Record<string, string> = {}): Promise<Ended> {
  const temporary = mkdtempSync(path.join(tmpdir(), 'muster-test-'));
  try {
    const notInherited = { MUSTER_URL: undefined, MUSTER_KEY: undefined, FORCE_COLOR: undefined };
    const environment = { ...notInherited, TMPDIR: temporary, ...variables };
    const { ended, output } = runScript('examples/quickstart/main.ts', environment);
    const code = await ended(170_000);
    return { code, output: output(), left: readdirSync(temporary) };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

test('the quick start of the guide runs to its end and leaves nothing behind', { timeout: 180_000 }, async () => {
  const { code, output, left } = await quickstart();

  for (const line of [
    'researcher_bot has the best score of the available agents.|researcher_bot already holds the task.',
    'densest in ',
    'No agent seen in the last hour has all of javascript, machine_learning.',
    '200 critical, high, medium, low',
    'They were started in this order: critical, high, medium, low.',
    'parser_1: score 0, 1 of 1 slots in use, full',
    'A temporary failure: the task will be retried.',
    '{"status":"blocked"}',
    'No agent seen in the last hour has all of writing.',
    'waiting 0, pending 0, assigned 0, running 0, completed 16, failed 0, blocked 0, cancelled 0',
    'All steps succeeded.',
  ]) {
    const ways = line.split('|');
    expect(
      ways.some((way) => output.includes(way)),
      `"${line}" is in:\n${output}`,
    ).toBe(true);
  }
  expect(code).toBe(0);
  expect(output, 'no colors where there is no terminal').not.toContain('\u001b');
  expect(left).toEqual([]);
});

test('the quick start says what is wrong if the given instance does not respond', async () => {
  const { code, output } = await quickstart({ MUSTER_URL: 'http://127.0.0.1:9', MUSTER_KEY: 'mst_none' });

  expect(code).toBe(1);
  expect(output).toContain('Check that Muster is running there.');
});
