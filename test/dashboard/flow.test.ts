import { expect, test } from 'vitest';
import { flowMinutes, flowOf, scaleTop, withSample, type Sample } from '../../clients/dashboard/view/flow.ts';

const minute = 60_000;
const start = 1_000_000 * minute;
const sample = (at: number, completed: number, failed = 0): Sample => ({ at: start + at, completed, failed });

test('what ended between two polls is shown in the minute of the second', () => {
  const flow = flowOf([sample(0, 10), sample(30_000, 14, 1), sample(61_000, 15, 1)], start + 2 * minute);
  expect(flow).toHaveLength(flowMinutes);
  expect(flow.slice(-3)).toEqual([
    { at: start, completed: 4, failed: 1 },
    { at: start + minute, completed: 1, failed: 0 },
    { at: start + 2 * minute, completed: 0, failed: 0 },
  ]);
});

test('what ended while nobody looked is spread over the minutes of that time', () => {
  const flow = flowOf([sample(0, 0), sample(4 * minute, 8)], start + 4 * minute);
  expect(flow.slice(-5).map(({ completed }) => completed)).toEqual([0, 2, 2, 2, 2]);
});

test('what ended before the hour is not shown', () => {
  const flow = flowOf([sample(0, 0), sample(1_000, 5)], start + 90 * minute);
  expect(flow.every(({ completed }) => completed === 0)).toBe(true);
});

test('samples of an hour stay few, whatever the number of polls', () => {
  let samples: Sample[] = [];
  for (let at = 0; at < 2 * 60 * minute; at += 2_500) samples = withSample(samples, sample(at, at));
  expect(samples.length).toBeLessThan(400);
  expect(samples.at(-1)?.at).toBe(start + 2 * 60 * minute - 2_500);
});

test('totals that shrink belong to another deployment', () => {
  expect(withSample([sample(0, 9)], sample(1_000, 3))).toEqual([sample(1_000, 3)]);
});

test.each([
  [0, 4],
  [3, 4],
  [7, 8],
  [12, 20],
  [41, 50],
  [100, 100],
])('a scale for %d ends at %d', (largest, top) => {
  expect(scaleTop(largest)).toBe(top);
});
