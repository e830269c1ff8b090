import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';

type SdkError = Parameters<typeof isTransientError>[0];

/**
 * Whether a service could not answer just now, in spite of the SDK's own retries: trying again later may help.
 * Also true when middy ends a request shortly before the time of the function is over (TimeoutError).
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const sdkError = error as SdkError;
  return isThrottlingError(sdkError) || isTransientError(sdkError) || isServerError(sdkError);
}

/** The error for what a batch call left undone because the service could not do it just now. */
export const busy = (message: string) => Object.assign(new Error(message), { name: 'ThrottlingException' });
