import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const docs = resolve(import.meta.dirname, '../../docs');
const page = readFileSync(resolve(docs, 'guarantees.md'), 'utf8');

/** A link to a file followed by the title of a test: the proof of a promise. */
const named = [...page.matchAll(/\]\(([^)]+\.test\.ts)\) `([^`]+)`/g)].map(([, file = '', title = '']) => ({
  file,
  title,
}));

const promises = page.split('\n').filter((line) => line.startsWith('| **'));

test('every promise names a test', () => {
  expect(promises.length).toBeGreaterThan(20);
  expect(promises.filter((line) => !/\.test\.ts\) `/.test(line))).toEqual([]);
});

test.for(named)('$file has the test "$title"', ({ file, title }) => {
  const source = readFileSync(resolve(docs, file), 'utf8').replaceAll("\\'", "'");
  expect(source).toContain(`'${title}'`);
});
