import type { AwsCall } from '../edge/call.ts';
import { arn } from '../template/aws.ts';
import { dynamoDbRequests, streamRequests } from './dynamodb-requests.ts';
import type { AccessRequest } from './role.ts';
import type { Tables } from './tables.ts';

/** The IAM actions that a call requires: a batch may be an action of its own, that of its entries, or several. */
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

/** IAM has no actions for SQS batches: permission to send one message includes sending several. */
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
