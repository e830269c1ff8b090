import { setTimeout as pause } from 'node:timers/promises';

const shortestMs = 250;
const longestMs = 3_000;

/** A watch that takes hours must survive a restart of the server. */
export const patiently = { retries: 12 };

interface Watch<T> {
  look: () => Promise<T>;
  /** The part whose changes are reported. */
  fingerprint: (seen: T) => unknown;
  isOver: (seen: T) => boolean;
}

/** Polls, less often while nothing changes, and yields each change until `isOver`. */
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
