import type { MusterError } from './muster-error.ts';

/** The last argument of every method. */
export interface CallOptions {
  /** Ends the call and its retries; the call then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How often a failed request is retried, if that is safe. Default: the client's setting. */
  retries?: number;
  /** How long to wait for a response, in milliseconds. Default: the client's setting. */
  timeoutMs?: number;
  /** Called with each failure before the request is retried. */
  onRetry?: (error: MusterError) => void;
}
