import type { MusterError } from './muster-error.ts';

/** The last argument of each method. */
export interface CallOptions {
  /** Ends the call, its retries included; it then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How often a failed request is retried, where that is safe. Default: as the client has it. */
  retries?: number;
  /** How long to wait for one answer, in milliseconds. Default: as the client has it. */
  timeoutMs?: number;
  /** Called with each failure before the request is retried. */
  onRetry?: (error: MusterError) => void;
}
