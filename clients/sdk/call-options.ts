import type { MusterError } from './muster-error.ts';

export interface CallOptions {
  /** Ends the call, its retries included; it then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How often a failed request is retried, where that is safe. */
  retries?: number;
  /** How long to wait for one answer, in milliseconds. */
  timeoutMs?: number;
  /** Called with each failure before the request is retried. */
  onRetry?: (error: MusterError) => void;
}
