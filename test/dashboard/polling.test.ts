import { expect, test } from 'vitest';
import { freshnessOf, nextPollMs } from '../../clients/dashboard/view/polling.ts';

test('active data is polled every few seconds, the rest less often', () => {
  expect(nextPollMs({ moves: true, failures: 0 })).toBeGreaterThanOrEqual(2_000);
  expect(nextPollMs({ moves: true, failures: 0 })).toBeLessThanOrEqual(3_000);
  expect(nextPollMs({ moves: false, failures: 0 })).toBeGreaterThan(5_000);
});

test('each failure doubles the delay, up to a minute', () => {
  const waits = [0, 1, 2, 3, 10].map((failures) => nextPollMs({ moves: true, failures }));
  expect(waits).toEqual([2_500, 5_000, 10_000, 20_000, 60_000]);
});

test('it never polls earlier than instructed', () => {
  expect(nextPollMs({ moves: true, failures: 1, retryAfter: 30 })).toBe(30_000);
  expect(nextPollMs({ moves: true, failures: 1, retryAfter: 1 })).toBe(5_000);
  expect(nextPollMs({ moves: true, failures: 9, retryAfter: 300 })).toBe(300_000);
});

test.each([
  { age: undefined, fails: false, text: 'Loading', isOld: false },
  { age: undefined, fails: true, text: 'No answer yet', isOld: true },
  { age: 400, fails: false, text: 'Updated now', isOld: false },
  { age: 9_000, fails: false, text: 'Updated 9 s ago', isOld: false },
  { age: 16_000, fails: false, text: 'Updated 16 s ago', isOld: true },
  { age: 4_000, fails: true, text: 'Updated 4 s ago', isOld: true },
  { age: 240_000, fails: true, text: 'Updated 4 min ago', isOld: true },
])('data $age ms old, failing: $fails: $text', ({ age, fails, text, isOld }) => {
  const now = 1_000_000_000;
  expect(freshnessOf(age === undefined ? undefined : now - age, now, fails)).toEqual({ text, isOld });
});
