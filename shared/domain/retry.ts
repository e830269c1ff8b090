import { times } from './settings.ts';

/**
 * How long a task waits before its next attempt, in milliseconds: full-jitter exponential backoff, 2 s to 5 min
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 * @param failures runs that have failed so far, at least 1
 * @param fraction of chance, at least 0, less than 1
 */
export function retryDelayMs(failures: number, fraction: number): number {
  const ceiling = Math.min(times.maxRetryDelayMs, times.baseRetryDelayMs * 2 ** failures);
  return Math.max(times.baseRetryDelayMs, Math.round(ceiling * fraction));
}
