import { expect, test, vi } from 'vitest';
import * as words from '../../clients/dashboard/view/words.ts';

test.each([
  [0, '0 ms'],
  [3.27, '3.3 ms'],
  [640, '640 ms'],
  [6_249, '6.2 s'],
  [9_999, '9.9 s'],
  [12_900, '12 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [291_000, '4 min 51 s'],
  [1_230_000, '20 min'],
  [11_100_000, '3 h 5 min'],
  [47 * 3_600_000, '47 h'],
  [3 * 86_400_000, '3 days'],
  [-5, '0 ms'],
  [NaN, '–'],
])('%d ms is %s', (ms, text) => {
  expect(words.durationText(ms)).toBe(text);
});

test.each([
  [2_000, 'now'],
  [-2_000, 'now'],
  [42_000, '42 s ago'],
  [250_000, '4 min ago'],
  [7_300_000, '2 h ago'],
  [200_000_000, '2 days ago'],
  [-310_000, 'in 5 min'],
])('%d ms before now is %s', (ms, text) => {
  expect(words.agoText(1e12 - ms, 1e12)).toBe(text);
});

test('0% and 100% are shown only if exact', () => {
  const shown = [0, 0.0001, 0.5, 0.9843, 0.9999, 1].map(words.percentText);
  expect(shown).toEqual(['0%', '0.1%', '50%', '98.4%', '99.9%', '100%']);
});

test('counts agree with their noun', () => {
  expect([0, 1, 1_000].map((n) => words.countText(n, 'task'))).toEqual(['0 tasks', '1 task', '1,000 tasks']);
  expect(words.countText(1, 'is', 'are')).toBe('1 is');
});

test('sizes are in UTF-8 bytes', () => {
  expect([words.sizeText('abc'), words.sizeText('é'.repeat(1024))]).toEqual(['3 B', '2 KB']);
});

test('formatting a text creates no new formatter, which would take as long as a hundred texts', () => {
  const made = [vi.spyOn(Number.prototype, 'toLocaleString'), vi.spyOn(Date.prototype, 'toLocaleString')];
  const constructed = [vi.spyOn(Intl, 'NumberFormat'), vi.spyOn(Intl, 'DateTimeFormat')];
  words.numberText(1_000);
  words.exactText(1e12);
  words.clockText(1e12, 1e12);
  for (const spy of [...made, ...constructed]) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
});
