/**
 * How many calls to AWS one request makes at the same time, where there may be many, as for an agent's memberships or what it
 * holds. A hundred at once wait for each other, until some count as not answered.
 */
export const callsAtOnce = 25;

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

export interface Pacing {
  /** For how many items the work is done at the same time, at most. */
  atOnce: number;
  /** Whether an error says that there is no capacity for the item now. */
  isBusy: (error: unknown) => boolean;
  hasTime: () => boolean;
}

const shortestPauseMs = 25;
const longestPauseMs = 1000;

/**
 * Does some work for every item, like inBatches, but no item stops another. What is refused for lack of capacity is tried
 * again behind all others; each batch with such items halves the pace, each without adds one to it.
 * @returns whether it has been done for every item, before the time was up
 * @throws the first error that was no lack of capacity, after everything else was done
 */
export async function paced<T>(
  pages: AsyncIterable<readonly T[]> | Iterable<readonly T[]>,
  { atOnce, isBusy, hasTime }: Pacing,
  work: (item: T) => Promise<unknown>,
): Promise<boolean> {
  const errors: unknown[] = [];
  let pace = atOnce;

  /** Tries each item once. @returns those that are left: refused, or behind the end of the time */
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
  for (let pauseMs = shortestPauseMs; left.length > 0 && hasTime();) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const before = left.length;
    left = await pass(left);
    pauseMs = left.length < before ? shortestPauseMs : Math.min(pauseMs * 2, longestPauseMs);
  }
  if (errors.length > 0) throw errors[0];
  return left.length === 0;
}
