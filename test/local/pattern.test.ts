import { expect, test } from 'vitest';
import { compilePattern } from '#local/bus/pattern.ts';

const event = {
  source: 'shop',
  detail: { status: 'failed', count: 7, tags: ['red', 'Blue'], nothing: null, deep: { flag: true } },
};

test.each([
  [{ source: ['shop'] }, true],
  [{ source: ['other', 'shop'] }, true],
  [{ source: ['shop'], detail: { status: ['completed'] } }, false],
  [{ detail: { deep: { flag: [true] } } }, true],
  [{ detail: { deep: { flag: ['true'] } } }, false],
  [{ detail: { nothing: [null] } }, true],
  [{ detail: { missing: [null] } }, false],
  [{ detail: { tags: ['red'] } }, true],
  [{ detail: { tags: ['green'] } }, false],
  [{ detail: { status: [{ prefix: 'fa' }] } }, true],
  [{ detail: { status: [{ suffix: 'fa' }] } }, false],
  [{ detail: { count: [{ prefix: '7' }] } }, false],
  [{ detail: { tags: [{ 'equals-ignore-case': 'BLUE' }] } }, true],
  [{ detail: { status: [{ 'anything-but': 'failed' }] } }, false],
  [{ detail: { status: [{ 'anything-but': ['completed', 'cancelled'] }] } }, true],
  [{ detail: { status: [{ 'anything-but': { prefix: 'fail' } }] } }, false],
  [{ detail: { missing: [{ 'anything-but': 'x' }] } }, false],
  [{ detail: { status: [{ exists: true }] } }, true],
  [{ detail: { missing: [{ exists: false }] } }, true],
  [{ detail: { absent: { inner: [{ exists: false }] } } }, true],
  [{ detail: { count: [{ numeric: ['>', 0, '<=', 7] }] } }, true],
  [{ detail: { count: [{ numeric: ['<', 7] }] } }, false],
  [{ detail: { status: ['completed', { prefix: 'fail' }] } }, true],
])('%j: %s', (pattern, expected) => {
  expect(compilePattern(pattern)(event)).toBe(expected);
});

test.each([
  [{ source: [{ wildcard: '*x' }] }],
  [{ source: 'shop' }],
  [{ source: [{ prefix: 'a', suffix: 'b' }] }],
  [{ source: [{ prefix: 7 }] }],
  [{ count: [{ numeric: ['~', 1] }] }],
])('%j is refused', (pattern) => {
  expect(() => compilePattern(pattern)).toThrow(/^local\/ does not support the event pattern /);
});
