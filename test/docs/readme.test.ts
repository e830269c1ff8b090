import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readme, withTables } from '#scripts/readme-tables.ts';
import { start } from '#local/start.ts';
import { Shell } from '../support/shell.ts';

const text = readFileSync(readme, 'utf8');

test('the tables of the README follow from the code: npm run generate', () => {
  expect(withTables(text)).toBe(text);
});

test('every link of the documentation leads to a file', () => {
  const root = path.dirname(readme);
  for (const file of ['README.md', ...globSync('docs/**/*.md', { cwd: root })]) {
    const links = [...readFileSync(path.join(root, file), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)];
    for (const [, link = ''] of links) {
      expect(existsSync(path.join(root, path.dirname(file), link)), `${link} in ${file}`).toBe(true);
    }
  }
});

/** The commands of the walk-through with curl, each with the answer that the README shows. */
function walkThrough(): { commands: string; answer: string }[] {
  const [, section = ''] = /\n## Try it with curl\n([\s\S]*?)\n## /.exec(text) ?? [];
  const blocks = [...section.matchAll(/```sh\n([\s\S]*?)```(?:\n\n```(?:json|text)\n([\s\S]*?)```)?/g)];
  return blocks.map(([, commands = '', answer = '']) => ({ commands, answer }));
}

/** What every run has in common: without line breaks, ids, times and what is measured. */
const common = (answer: string) =>
  answer
    .replaceAll(/\s+/g, '')
    .replaceAll(/01[0-9A-HJKMNP-TV-Z]{24}/g, 'ID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/"instance":"[^"]+"/g, '"instance":"ID"')
    .replaceAll(/"avg_wait_ms":[\d.]+/g, '"avg_wait_ms":N');

test('the walk-through of the README answers as it says', { timeout: 120_000 }, async () => {
  const muster = await start({ quiet: true, schedules: false });
  const shell = new Shell();
  try {
    const steps = walkThrough();
    expect(steps.length).toBeGreaterThan(5);
    for (const { commands, answer } of steps) {
      const here = commands
        .replace('http://127.0.0.1:4800', muster.url)
        .replace(/\$\(node -p "require.*?"\)/, muster.keys.admin);
      const answered = await shell.run(here);
      await muster.settled();
      expect(common(answered), commands).toBe(common(answer));
    }
  } finally {
    await shell.end();
    await muster.stop();
  }
});
