const longestMs = 10_000;

/**
 * How long to wait before trying again, in milliseconds: a random time up to a limit that doubles with each failure
 * ("full jitter"), so that clients that failed together do not retry together.
 * @param failures so far, from 1
 */
export function backoffMs(failures: number, firstMs = 200, maximumMs = longestMs): number {
  return Math.random() * Math.min(maximumMs, firstMs * 2 ** (failures - 1));
}

/** Waits; rejects with the signal's reason when it is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
  signal?.throwIfAborted();
}
