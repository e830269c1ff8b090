import fc from 'fast-check';
import { expect, test } from 'vitest';
import { retryDelayMs } from '#shared/domain/retry.ts';
import { minute, second } from '../support/tasks.ts';

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('the retry delay is between 2 seconds and 5 minutes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fraction, (failures, chance) => {
      const delay = retryDelayMs(failures, chance);
      expect(delay).toBeGreaterThanOrEqual(2 * second);
      expect(delay).toBeLessThanOrEqual(5 * minute);
      expect(Number.isInteger(delay)).toBe(true);
    }),
  );
});

test('the maximum delay doubles with each failure', () => {
  const longest = [1, 2, 3, 7, 8, 100].map((failures) => retryDelayMs(failures, 1 - Number.EPSILON) / second);
  expect(longest).toEqual([4, 8, 16, 256, 300, 300]);
});

test('delays are spread over the whole range, so that simultaneous failures are not retried together', () => {
  expect([0, 0.25, 0.5, 0.75].map((chance) => retryDelayMs(5, chance) / second)).toEqual([2, 16, 32, 48]);
});
