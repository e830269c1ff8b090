/**
 * How many concurrent AWS calls a request makes if it needs many, as for an agent's memberships or holdings. A hundred
 * at once queue up until some time out.
 */
export const callsAtOnce = 25;

/** Splits items into batches of `size`, in order; the last may be smaller. */
export function batchesOf<T>(items: readonly T[], size: number): T[][] {
  const batches: T[][] = [];
  for (let n = 0; n < items.length; n += size) batches.push(items.slice(n, n + size));
  return batches;
}

/**
 * Works on items concurrently, batch by batch. If an item fails, the rest of its batch still completes, but no further
 * batch begins.
 * @returns the results in the order of the items
 * @throws the error of the first failed item of the batch
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

export interface Pacing {
  /** The maximum number of items worked on concurrently. */
  atOnce: number;
  /** Whether an error means that there is no capacity for the item now. */
  isBusy: (error: unknown) => boolean;
  hasTime: () => boolean;
}

const minPauseMs = 25;
const maxPauseMs = 1000;

/**
 * Works on every item, like inBatches, but no item stops another. Items refused for lack of capacity are tried again
 * after all others; each batch with such items halves the concurrency, each batch without adds one.
 * @returns whether all items were done in time
 * @throws the first error other than lack of capacity, after everything else was done
 */
export async function paced<T>(
  pages: AsyncIterable<readonly T[]> | Iterable<readonly T[]>,
  { atOnce, isBusy, hasTime }: Pacing,
  work: (item: T) => Promise<unknown>,
): Promise<boolean> {
  const errors: unknown[] = [];
  let pace = atOnce;

  /**
   * Tries each item once.
   * @returns the items that were refused, or not tried because time ran out
   */
  const pass = async (items: readonly T[]): Promise<T[]> => {
    const refused: T[] = [];
    let next = 0;
    while (next < items.length && hasTime()) {
      const batch = items.slice(next, next + pace);
      next += batch.length;
      const outcomes = await Promise.allSettled(batch.map(work));
      const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
      const busy = batch.filter((_, n) => reasons[n]?.some(isBusy));
      errors.push(...reasons.flat().filter((reason) => !isBusy(reason)));
      refused.push(...busy);
      pace = busy.length > 0 ? Math.max(1, Math.floor(pace / 2)) : Math.min(atOnce, pace + 1);
    }
    return [...refused, ...items.slice(next)];
  };

  let left: T[] = [];
  for await (const page of pages) {
    left.push(...(await pass(page)));
    if (left.length > 0 && !hasTime()) break;
  }
  for (let pauseMs = minPauseMs; left.length > 0 && hasTime();) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const before = left.length;
    left = await pass(left);
    pauseMs = left.length < before ? minPauseMs : Math.min(pauseMs * 2, maxPauseMs);
  }
  if (errors.length > 0) throw errors[0];
  return left.length === 0;
}
