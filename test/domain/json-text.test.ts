import { expect, test } from 'vitest';
import fc from 'fast-check';
import { changedByParsing } from '#shared/contract/json-text.ts';

const found = (text: string) => {
  JSON.parse(text);
  return changedByParsing(text).map(({ path, message }) => [path.join('/'), message]);
};

test.each([
  ['{"result":{"row":1970670598291982291}}', 'result/row', 'would become 1970670598291982300'],
  ['{"a":[1,-9007199254740993]}', 'a/1', 'would become -9007199254740992'],
  ['{"a":1e999}', 'a', 'is too large'],
  ['[[2e-400]]', '0/0', 'would become 0'],
  [`{"a":0.${'0'.repeat(400)}1}`, 'a', 'would become 0'],
  ['{"a":{},"b":[],"c":1e999}', 'c', 'is too large'],
])('detects a number that would change in meaning: %s', (text, path, message) => {
  expect(found(text)).toEqual([[path, expect.stringContaining(message)]]);
});

test.each([
  ['{"a":{"x":1,"x":2}}', 'a/x'],
  ['{"a":1,"b":{},"a":2}', 'a'],
  ['{"a":1,"\\u0061":2}', 'a'],
  ['[{"k":[{"q":1,"q":1}]}]', '0/k/0/q'],
])('detects a duplicate field: %s', (text, path) => {
  expect(found(text)).toEqual([[path, 'is given more than once']]);
});

test.each([
  '{"a":9007199254740991,"z":-22161053047876350,"b":0.1234567890123456789,"c":1e21,"d":0.0,"e":-0,"f":0e10}',
  '{"a":"1e999","1e999":"1970670598291982291","s":"\\\\\\"9007199254740993"}',
  '{"a":{"x":1},"b":{"x":1},"c":[{"x":1},{"x":2}],"d":["x","x"]}',
  '[]',
  '"text"',
])('accepts what keeps its meaning: %s', (text) => {
  expect(found(text)).toEqual([]);
});

test('finds nothing in the output of JSON.stringify', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
      expect(changedByParsing(JSON.stringify(value, null, indent))).toEqual([]);
    }),
  );
});

test('a large text takes no longer than parsing it, whatever its content', () => {
  for (const text of [
    `["${'\\\\'.repeat(500_000)}"]`,
    '['.repeat(5000) + ']'.repeat(5000),
    `["${'\\"'.repeat(500_000)}"]`,
  ]) {
    expect(changedByParsing(text)).toEqual([]);
  }
  expect(changedByParsing(`[${'1e999,'.repeat(1000)}1]`)).toHaveLength(50);
});
