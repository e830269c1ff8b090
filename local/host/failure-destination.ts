import { randomUUID } from 'node:crypto';
import { callEdge, type LocalEdge } from '../edge/call-edge.ts';
import type { Template } from '../template/template.ts';

export interface GivenUp {
  functionName: string;
  /** ARN of the queue. */
  destination: string;
  condition: 'RetriesExhausted' | 'RetryAttemptsExhausted';
  attempts: number;
  /** Epoch milliseconds by the functions' clock. */
  now: number;
  /** What was given up: a payload, or the position of a batch. */
  about: object;
}

/** Sends the record of an event or batch that was given up to a queue, in the role of its function, as Lambda does. */
export async function sendToDestination(template: Template, edge: LocalEdge, given: GivenUp): Promise<void> {
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
  const message = { QueueUrl: queue.ref, MessageBody: JSON.stringify(record) };
  await callEdge(edge, fn.logicalId, 'AmazonSQS.SendMessage', message);
}
