import { times } from './settings.ts';

/**
 * The delay before a task's next attempt, in milliseconds: exponential backoff with full jitter, 2 s to 5 min
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 * @param failures failed runs so far, at least 1
 * @param fraction random, from 0 (inclusive) to 1 (exclusive)
 */
export function retryDelayMs(failures: number, fraction: number): number {
  const ceiling = Math.min(times.maxRetryDelayMs, times.baseRetryDelayMs * 2 ** failures);
  return Math.max(times.baseRetryDelayMs, Math.round(ceiling * fraction));
}
