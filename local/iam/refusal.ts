import { awsError, type AwsAnswer, type AwsService } from '../edge/call.ts';
import type { AccessRequest, Decision } from './role.ts';

const type = 'AccessDeniedException';

/** The answer of a service to what the role of the caller does not allow. */
export function accessDenied(
  service: AwsService,
  roleArn: string,
  { action: name, resource }: AccessRequest,
  decision: Exclude<Decision, 'allowed'>,
): AwsAnswer {
  // SQS writes the names of actions in lower case.
  const action = service === 'sqs' ? name.toLowerCase() : name;
  const because =
    decision === 'denied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  const message = `User: ${roleArn} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
  if (service !== 'sqs') return awsError(type, message);
  const refusal = awsError(type, message, 403);
  // Clients of SQS know errors by the codes of its older protocol.
  return { ...refusal, headers: { ...refusal.headers, 'x-amzn-query-error': 'AccessDenied;Sender' } };
}
