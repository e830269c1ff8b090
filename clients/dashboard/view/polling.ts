/** Interval between two polls of a page, in milliseconds. */
const movingMs = 2_500;
const idleMs = 10_000;
const longestMs = 60_000;

export interface PollState {
  /** Whether the contents of the page can change at any moment. */
  moves: boolean;
  /** Number of consecutive failures. */
  failures: number;
  /** The delay requested by the last failure, in seconds. */
  retryAfter?: number | undefined;
}

/** When to poll next: soon while something moves, later when idle, and with backoff while requests fail. */
export function nextPollMs({ moves, failures, retryAfter = 0 }: PollState): number {
  const usual = moves ? movingMs : idleMs;
  if (failures === 0) return usual;
  return Math.max(Math.min(longestMs, usual * 2 ** failures), retryAfter * 1000);
}

/** From this age on, in milliseconds, data counts as old. */
export const oldAfterMs = 15_000;

/** How current a page is. */
export interface Freshness {
  text: string;
  isOld: boolean;
}

/**
 * "Updated 2 s ago", and whether that is too long for a page that polls so often.
 * @param updatedAt time of the last response; undefined before the first
 * @param fails whether the last request for a part of the page failed
 */
export function freshnessOf(updatedAt: number | undefined, now: number, fails: boolean): Freshness {
  if (updatedAt === undefined) return { text: fails ? 'No answer yet' : 'Loading', isOld: fails };
  const seconds = Math.max(0, Math.round((now - updatedAt) / 1000));
  const text =
    seconds < 2 ? 'Updated now' : `Updated ${seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`} ago`;
  return { text, isOld: seconds * 1000 > (fails ? movingMs : oldAfterMs) };
}
