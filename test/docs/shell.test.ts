import { tmpdir } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { patience } from '../support/patience.ts';
import { Shell } from '../support/shell.ts';

test('commands that do not end are reported with their output', async () => {
  const shell = new Shell(tmpdir());
  onTestFinished(() => shell.end());
  // It has started once it responds.
  await shell.run('true');
  const loop = 'echo begun; while true; do sleep 0.1; done';
  await expect(shell.run(loop, 1000)).rejects.toThrow(
    `Waited 1 s for an answer, of which there is so far\nbegun\n\nto\n${loop}`,
  );
});

test('a loop that takes too long is ended and reports what it waited for', () => {
  expect(patience(() => 'the last task', 60_000)).not.toThrow();
  expect(patience(() => 'the last task, after 3', -1)).toThrow('s for the last task, after 3');
});
