import { randomUUID } from 'node:crypto';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientSettings, type EdgeAddress } from '../edge/aws-client.ts';
import type { Template } from '../template/template.ts';

export interface GivenUp {
  functionName: string;
  /** ARN of the queue. */
  destination: string;
  condition: 'RetriesExhausted' | 'RetryAttemptsExhausted';
  attempts: number;
  /** Epoch milliseconds by the functions' clock. */
  now: number;
  /** What was given up: a payload, or where a batch was. */
  about: object;
}

/** Sends the record of a given up event or batch to a queue, in the role of its function, as Lambda does. */
export async function sendToDestination(template: Template, edge: EdgeAddress, given: GivenUp): Promise<void> {
  const from = `The failure destination of ${given.functionName}`;
  const fn = template.get('AWS::Lambda::Function', given.functionName, from);
  const queue = template.get('AWS::SQS::Queue', given.destination, from);
  const record = {
    version: '1.0',
    timestamp: new Date(given.now).toISOString(),
    requestContext: {
      requestId: randomUUID(),
      functionArn: `${fn.attributes['Arn'] ?? ''}:$LATEST`,
      condition: given.condition,
      approximateInvokeCount: given.attempts,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    ...given.about,
  };
  const client = new SQSClient(clientSettings(edge, fn.logicalId));
  try {
    await client.send(new SendMessageCommand({ QueueUrl: queue.ref, MessageBody: JSON.stringify(record) }));
  } finally {
    client.destroy();
  }
}
