import { setTimeout as pause } from 'node:timers/promises';

const shortestMs = 250;
const longestMs = 3_000;

/** A watch that takes hours must outlive a restart of the server. */
export const patiently = { retries: 12 };

interface Watch<T> {
  look: () => Promise<T>;
  /** The part of it whose change is worth telling. */
  fingerprint: (seen: T) => unknown;
  isOver: (seen: T) => boolean;
}

/** Looks again and again, less often while nothing happens, and yields what has changed, until it is over. */
export async function* changes<T>({ look, fingerprint, isOver }: Watch<T>): AsyncGenerator<T, void> {
  let before: string | undefined;
  let intervalMs = shortestMs;
  for (;;) {
    const seen = await look();
    const now = JSON.stringify(fingerprint(seen));
    intervalMs = now === before ? Math.min(longestMs, intervalMs * 1.5) : shortestMs;
    if (now !== before) yield seen;
    before = now;
    if (isOver(seen)) return;
    await pause(intervalMs);
  }
}
