import { isUnavailable } from '#shared/adapters/aws-errors.ts';
import { Refusal } from '#shared/contract/problem.ts';

/** What a caller is told about an error. Whatever is not a refusal says nothing of the inside. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return isUnavailable(error)
    ? new Refusal('unavailable', 'A service that Muster depends on did not answer in time.')
    : new Refusal('internal', 'The request failed because of an error in Muster.');
}
