import { awsError, type AwsAnswer, type AwsService } from '../edge/call.ts';
import type { AccessRequest, Decision } from './role.ts';

const type = 'AccessDeniedException';

/** A service's response to a call that the caller's role does not allow. */
export function accessDenied(
  service: AwsService,
  roleArn: string,
  { action: name, resource }: AccessRequest,
  decision: Exclude<Decision, 'allowed'>,
): AwsAnswer {
  // SQS writes action names in lowercase.
  const action = service === 'sqs' ? name.toLowerCase() : name;
  const because =
    decision === 'denied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  const message = `User: ${roleArn} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
  if (service !== 'sqs') return awsError(type, message);
  const refusal = awsError(type, message, 403);
  // SQS clients recognize errors by the codes of its older protocol.
  return { ...refusal, headers: { ...refusal.headers, 'x-amzn-query-error': 'AccessDenied;Sender' } };
}
