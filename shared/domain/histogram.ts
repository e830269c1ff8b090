/** A histogram of durations: the count of each bucket. */
export type Histogram = ReadonlyMap<number, number>;

/** The maximum relative error of a percentile (or half a millisecond, if that is more). */
export const relativeError = 0.1;

/** Bucket boundaries grow by this factor, so that even durations of weeks need only about a hundred buckets. */
const ratio = (1 + relativeError) / (1 - relativeError);

/** The bucket of a duration: 0 below a millisecond, n from `ratio ** (n - 1)` up to `ratio ** n`. */
export const bucketOf = (ms: number) => (ms < 1 ? 0 : 1 + Math.floor(Math.log(ms) / Math.log(ratio)));

/** The value with the same relative error at both ends of its bucket. */
const midpointOf = (bucket: number) => (bucket === 0 ? 0 : (2 * ratio ** bucket) / (1 + ratio));

/** Merges histograms. */
export function mergedHistograms(all: readonly Histogram[]): Histogram {
  const merged = new Map<number, number>();
  for (const histogram of all) {
    for (const [bucket, count] of histogram) merged.set(bucket, (merged.get(bucket) ?? 0) + count);
  }
  return merged;
}

/** The duration that this share does not exceed, in whole milliseconds; 0 if the histogram is empty. */
export function percentile(histogram: Histogram, share: number): number {
  const buckets = [...histogram].sort(([one], [other]) => one - other);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  let below = 0;
  for (const [bucket, count] of buckets) {
    below += count;
    if (below >= share * total) return Math.round(midpointOf(bucket));
  }
  return 0;
}
