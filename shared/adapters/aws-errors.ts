import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';
import { NewerData } from './newer-data.ts';

type SdkError = Parameters<typeof isTransientError>[0];

/**
 * Whether a service did not respond despite the SDK's retries, so that trying again later may help. Also true if middy
 * ends a request shortly before the function times out (TimeoutError), and for data of a newer version, which has to
 * wait for that version.
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof NewerData) return true;
  const sdkError = error as SdkError;
  return isThrottlingError(sdkError) || isTransientError(sdkError) || isServerError(sdkError);
}

/** AWS error names for bad data in a call, as opposed to a bad call. */
const aboutData = new Set(['ValidationException', 'InvalidArgument', 'MalformedDetail', 'InvalidMessageContents']);

/**
 * Whether AWS refused or failed a call for a reason unrelated to its data: missing permission, table, capacity or
 * response. Such an error says nothing about the record or message being processed. In an aggregate, one such error is
 * enough.
 */
export function isAwsError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isAwsError);
  if (isUnavailable(error)) return true;
  return error instanceof Error && '$metadata' in error && !aboutData.has(error.name);
}

/** Whether DynamoDB can never do what the call requests, such as adding numbers of too different magnitude. */
export const isInvalid = (error: unknown) => error instanceof Error && error.name === 'ValidationException';

/** The error for one refused entry of a batch call, as the SDK would throw it for a single call. */
export const entryRefused = (code: string, message: string) =>
  Object.assign(new Error(message), { name: code, $metadata: {} });

/** The error for the part of a batch call that was not done for lack of capacity. */
export const busy = (message: string) => Object.assign(new Error(message), { name: 'ThrottlingException' });
