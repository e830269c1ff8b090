import type { AwsCall } from '../edge/call.ts';
import { arn } from '../template/aws.ts';
import { dynamoDbRequests, streamRequests } from './dynamodb-requests.ts';
import type { AccessRequest } from './role.ts';
import type { Tables } from './tables.ts';

/** What a call needs to be allowed, in the actions of IAM: a batch may be an action of its own, that of its entries, or several. */
export function accessRequests(call: AwsCall, tables: Tables): AccessRequest[] {
  switch (call.service) {
    case 'dynamodb':
      return dynamoDbRequests(call, tables);
    case 'dynamodbstreams':
      return streamRequests(call, tables);
    case 'sqs':
      return [{ action: `sqs:${sqsAction(call.action)}`, resource: queueArn(call.body) }];
    case 'events':
      return eventRequests(call);
  }
}

/** IAM knows no batches of SQS: whoever may send one message may send several. */
const sqsAction = (action: string): string => (action.endsWith('Batch') ? action.slice(0, -'Batch'.length) : action);

function queueArn({ QueueUrl, QueueName }: AwsCall['body']): string {
  const name = typeof QueueUrl === 'string' ? QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1) : QueueName;
  return typeof name === 'string' ? arn('sqs', name) : '*';
}

function eventRequests({ action, body }: AwsCall): AccessRequest[] {
  if (action !== 'PutEvents') return [{ action: `events:${action}`, resource: '*' }];
  const entries = (body['Entries'] ?? []) as { EventBusName?: string }[];
  const buses = new Set(entries.map(({ EventBusName = 'default' }) => EventBusName));
  return [...buses].map((bus) => ({
    action: 'events:PutEvents',
    resource: bus.startsWith('arn:') ? bus : arn('events', `event-bus/${bus}`),
  }));
}
