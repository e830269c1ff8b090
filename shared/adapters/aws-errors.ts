import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';
import { NewerData } from './newer-data.ts';

type SdkError = Parameters<typeof isTransientError>[0];

/**
 * Whether a service could not answer just now, in spite of the SDK's own retries: trying again later may help.
 * Also true when middy ends a request shortly before the time of the function is over (TimeoutError), and for data of a newer
 * version, which wait for that version.
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof NewerData) return true;
  const sdkError = error as SdkError;
  return isThrottlingError(sdkError) || isTransientError(sdkError) || isServerError(sdkError);
}

/** How AWS names what is wrong with the data of a call, and not with the call itself. */
const aboutData = new Set(['ValidationException', 'InvalidArgument', 'MalformedDetail', 'InvalidMessageContents']);

/**
 * Whether AWS refused or failed a call for a reason outside its data: no permission, no table, no capacity, no answer. Such
 * an error says nothing about the record or message that was being handled. Of several errors, one is enough.
 */
export function isAwsError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isAwsError);
  if (isUnavailable(error)) return true;
  return error instanceof Error && '$metadata' in error && !aboutData.has(error.name);
}

/** Whether DynamoDB can never do what the call asks for, such as adding numbers whose digits lie too far apart. */
export const isInvalid = (error: unknown) => error instanceof Error && error.name === 'ValidationException';

/** The error for one entry of a batch call that AWS refused, as the SDK would throw it for a call of its own. */
export const entryRefused = (code: string, message: string) =>
  Object.assign(new Error(message), { name: code, $metadata: {} });

/** The error for what a batch call left undone because the service could not do it just now. */
export const busy = (message: string) => Object.assign(new Error(message), { name: 'ThrottlingException' });
