/** The items in order, `size` together; the last batch may have fewer. */
export function batchesOf<T>(items: readonly T[], size: number): T[][] {
  const batches: T[][] = [];
  for (let n = 0; n < items.length; n += size) batches.push(items.slice(n, n + size));
  return batches;
}

/**
 * Does some work for every item: for `size` of them at the same time, then for the next `size` when all of those are done.
 * When any of them fails, the others of its batch still end, and then no further batch begins.
 * @returns what the work returned, in the order of the items
 * @throws the error of the first item of the batch that failed
 */
export async function inBatches<T, Result>(
  items: readonly T[],
  size: number,
  work: (item: T) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const batch of batchesOf(items, size)) {
    for (const outcome of await Promise.allSettled(batch.map(work))) {
      if (outcome.status === 'rejected') throw outcome.reason;
      results.push(outcome.value);
    }
  }
  return results;
}
