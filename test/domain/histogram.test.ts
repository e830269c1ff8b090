import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOf, mergedHistograms, percentile, relativeError, type Histogram } from '#shared/domain/histogram.ts';
import { day } from '../support/tasks.ts';

function counted(times: readonly number[]): Histogram {
  const histogram = new Map<number, number>();
  for (const ms of times) histogram.set(bucketOf(ms), (histogram.get(bucketOf(ms)) ?? 0) + 1);
  return histogram;
}

/** The smallest time that this share of the times does not exceed. */
const exact = (times: readonly number[], share: number) =>
  times.toSorted((one, other) => one - other)[Math.ceil(share * times.length) - 1] ?? 0;

const someTimes = fc.array(fc.oneof(fc.nat(20), fc.nat(100_000), fc.nat(30 * day)), { minLength: 1, maxLength: 300 });

test('a percentile is within its relative error of the exact one, however times are spread over histograms', () => {
  fc.assert(
    fc.property(someTimes, someTimes, fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1), (some, others, share) => {
      const told = percentile(mergedHistograms([counted(some), counted(others)]), share);
      const wanted = exact([...some, ...others], share);
      expect(Math.abs(told - wanted)).toBeLessThanOrEqual(relativeError * wanted + 0.5 + 1e-6);
    }),
  );
});

test('a month of milliseconds takes few buckets', () => {
  expect(bucketOf(30 * day)).toBeLessThan(120);
});

test('without times, every percentile is 0', () => {
  expect(percentile(new Map(), 0.99)).toBe(0);
});
