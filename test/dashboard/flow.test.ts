import { expect, test } from 'vitest';
import { scaleTop, sumOf } from '../../clients/dashboard/view/flow.ts';

const minuteWith = (completed: number, failed: number) => ({
  minute: '2026-11-26T10:00:00.000Z',
  created: 9,
  completed,
  failed,
  cancelled: 1,
});

test('the minutes of an hour are summed, and without ended tasks the success rate is 1', () => {
  expect(sumOf([minuteWith(3, 0), minuteWith(4, 1)])).toEqual({ completed: 7, failed: 1, successRate: 7 / 8 });
  expect(sumOf([minuteWith(0, 0)])).toEqual({ completed: 0, failed: 0, successRate: 1 });
});

test.each([
  [0, 4],
  [3, 4],
  [7, 8],
  [11, 12],
  [13, 16],
  [25, 30],
  [41, 50],
  [100, 100],
])('a scale for %d ends at %d', (largest, top) => {
  expect(scaleTop(largest)).toBe(top);
});
