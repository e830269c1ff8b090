import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const ours = [
  '*.md',
  '.github/**/*.md',
  '{bench,clients,docs,examples,functions,infra,local,packages,scripts,shared,test}/**/*.md',
];
const pages = globSync(ours, { cwd: root, exclude: (name) => name === 'node_modules' });

const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const withoutCode = (text: string) => text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '');

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsOf(file: string): Set<string> {
  const headings = [
    ...read(file)
      .replaceAll(/^```[\s\S]*?^```$/gm, '')
      .matchAll(/^#{1,6} (.+)$/gm),
  ];
  const seen = new Map<string, number>();
  return new Set(
    headings.map(([, heading = '']) => {
      const anchor = heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-');
      const before = seen.get(anchor) ?? 0;
      seen.set(anchor, before + 1);
      return before === 0 ? anchor : `${anchor}-${before}`;
    }),
  );
}

test('there are pages to check', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/README.md', 'test/README.md']));
});

test.for(pages)('every relative link of %s leads to an existing file and heading', (page) => {
  for (const [, link = ''] of withoutCode(read(page)).matchAll(/\]\((?!\w+:)([^)]+)\)/g)) {
    const [target = '', anchor] = link.split('#');
    const file = target === '' ? page : path.join(path.dirname(page), target);
    expect(existsSync(path.join(root, file)), `${link} in ${page}`).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(file), `${link} in ${page}`).toContain(anchor);
  }
});

test('every page of docs is linked from its table of contents', () => {
  const contents = read('docs/README.md');
  for (const file of readdirSync(path.join(root, 'docs')).filter(
    (name) => name.endsWith('.md') && name !== 'README.md',
  )) {
    expect(contents).toContain(`](${file})`);
  }
});

test('the index of test/support names exactly the files there', () => {
  const [, support = ''] = read('test/README.md').split('## Support');
  const named = [...support.matchAll(/`([\w-]+\.ts)`/g)].map(([, file]) => file);
  expect(named.sort()).toEqual(globSync('*.ts', { cwd: path.join(root, 'test/support') }).sort());
});

test('every decision has a status and a date, and a row that repeats them', () => {
  const index = read('docs/decisions/README.md');
  const decisions = globSync('docs/decisions/*.md', { cwd: root }).filter((file) => !file.endsWith('/README.md'));
  expect(decisions.length).toBeGreaterThan(10);
  for (const file of decisions) {
    const found = /^# .+\n\nStatus: (accepted|superseded by \[.+\]\(.+\)) · (\d{4}-\d\d-\d\d)\n/.exec(read(file));
    expect(found, file).not.toBeNull();
    const [, status = '', date = ''] = found ?? [];
    const row = index.split('\n').find((line) => line.includes(`](${path.basename(file)})`));
    expect(row, file).toMatch(new RegExp(`\\| ${date} \\| ${status.split(' ')[0]}`));
  }
});

test('the changelog starts with the version of package.json', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(/^## (\S+)/m.exec(read('CHANGELOG.md'))?.[1]).toBe(version);
});
