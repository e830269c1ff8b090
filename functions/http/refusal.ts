import { isUnavailable } from '#shared/adapters/aws-errors.ts';
import { Refusal } from '#shared/contract/problem.ts';

/** The refusal to answer an error with. Errors that are not refusals reveal nothing internal. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return isUnavailable(error)
    ? new Refusal('unavailable', 'An AWS service did not respond in time.')
    : new Refusal('internal', 'The request failed because of an internal error.');
}
