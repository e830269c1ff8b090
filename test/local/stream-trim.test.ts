import { expect, test } from 'vitest';
import { StreamTrim } from '#local/sources/stream-trim.ts';

function trimOf(...readers: string[]) {
  const trimmed: string[] = [];
  const trim = new StreamTrim((last) => trimmed.push(last));
  for (const reader of readers) trim.add(reader);
  return { trim, trimmed };
}

test('records are trimmed once the slowest reader has passed them, each once', () => {
  const { trim, trimmed } = trimOf('one', 'other');
  trim.passed('one', '900');
  expect(trimmed).toEqual([]);
  trim.passed('other', '200');
  trim.passed('one', '1100');
  expect(trimmed).toEqual(['200']);
  trim.passed('other', '1000');
  trim.passed('other', '1200');
  expect(trimmed).toEqual(['200', '1000', '1100']);
});

test('a single reader trims what it has passed', () => {
  const { trim, trimmed } = trimOf('one');
  trim.passed('one', '9');
  trim.passed('one', '10');
  expect(trimmed).toEqual(['9', '10']);
});

test('a third reader is refused, since DynamoDB would throttle it', () => {
  expect(() => trimOf('one', 'two', 'three')).toThrow('DynamoDB allows 2 readers of a stream, not one, two, three.');
});
