import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { start } from '#local/start.ts';
import { command } from '../support/cli.ts';
import { Shell } from '../support/shell.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** The commands between `<!-- run -->` and `<!-- end of run -->`, each with the output shown below it. */
function transcript(file: string): { commands: string; answer: string }[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const [, part = ''] = /<!-- run -->\n([\s\S]*?)<!-- end of run -->/.exec(text) ?? [];
  const blocks = [...part.matchAll(/```sh\n([\s\S]*?)```(?:\n\n```(?:json|text)\n([\s\S]*?)```)?/g)];
  return blocks.map(([, commands = '', answer = '']) => ({ commands, answer }));
}

/** The output that every run has in common: without line breaks, ids, times and measurements. */
const common = (answer: string) =>
  answer
    .replaceAll(/\b\d+s\b/g, 'AGE')
    .replaceAll(/\b[0-9A-Za-z]{26}\b/g, 'ID')
    .replaceAll(/\s+/g, '')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/"instance":"[^"]+"/g, '"instance":"ID"')
    .replaceAll(/"hold":"[^"]+"/g, '"hold":"ID"')
    .replaceAll(/"per_minute":\[[^\]]*\]/g, '"per_minute":[...]')
    .replaceAll(/"(avg_wait_ms|wait_p\d\d_ms)":[\d.]+/g, '"$1":N');

test.for([
  { file: 'README.md', blocks: 1 },
  { file: 'docs/tour.md', blocks: 8 },
  { file: 'docs/cli.md', blocks: 5 },
])('the requests in $file get the responses it shows', { timeout: 120_000 }, async ({ file, blocks }) => {
  const steps = transcript(file);
  expect(steps).toHaveLength(blocks);

  const folder = mkdtempSync(path.join(tmpdir(), 'muster-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const muster = await start({ quiet: true, schedules: false });
  onTestFinished(() => muster.stop());
  mkdirSync(path.join(folder, '.muster'));
  writeFileSync(path.join(folder, '.muster', 'local.json'), JSON.stringify({ url: muster.url, keys: muster.keys }), {
    mode: 0o600,
  });
  const shell = new Shell(folder);
  onTestFinished(() => shell.end());
  // The folder is not this repository, so npx would not find the command.
  await shell.run(`npx() { shift; '${process.execPath}' '${command}' "$@"; }`);

  for (const { commands, answer } of steps) {
    const answered = await shell.run(commands);
    await muster.settled();
    expect(common(answered), `${commands}\nanswered ${answered}`).toBe(common(answer));
  }
});
