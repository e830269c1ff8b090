/** Times, counted by bucket: how many there are of each length. */
export type Histogram = ReadonlyMap<number, number>;

/** A percentile is off by at most this part of it, or by half a millisecond. */
export const relativeError = 0.1;

/** Each bucket ends this many times later than it begins, so that week-long times take no more buckets than a hundred. */
const ratio = (1 + relativeError) / (1 - relativeError);

/** The bucket of a time: 0 for less than a millisecond, n for those from `ratio ** (n - 1)` up to `ratio ** n`. */
export const bucketOf = (ms: number) => (ms < 1 ? 0 : 1 + Math.floor(Math.log(ms) / Math.log(ratio)));

/** The time that is equally wrong, in proportion, for the shortest and the longest of a bucket. */
const middleOf = (bucket: number) => (bucket === 0 ? 0 : (2 * ratio ** bucket) / (1 + ratio));

/** Several histograms as one. */
export function mergedHistograms(all: readonly Histogram[]): Histogram {
  const merged = new Map<number, number>();
  for (const histogram of all) {
    for (const [bucket, count] of histogram) merged.set(bucket, (merged.get(bucket) ?? 0) + count);
  }
  return merged;
}

/** The time that this share of the times does not exceed, in whole milliseconds; 0 where there are none. */
export function percentile(histogram: Histogram, share: number): number {
  const buckets = [...histogram].sort(([one], [other]) => one - other);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  let below = 0;
  for (const [bucket, count] of buckets) {
    below += count;
    if (below >= share * total) return Math.round(middleOf(bucket));
  }
  return 0;
}
