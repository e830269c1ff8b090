import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import { startEdge, type EventEntry } from '#local/edge/edge.ts';
import { startQueues } from '#local/engines/queues.ts';
import { allowAll, clientOf } from './dynamodb.ts';

/** Starts an edge for one test, with queues and a bus that records events, but without a DynamoDB engine. */
export async function edgeAlone({ now = Date.now(), authorize = allowAll } = {}) {
  const queues = await startQueues();
  const taken: EventEntry[] = [];
  const edge = await startEdge({
    dynamodb: { url: 'http://127.0.0.1:9', keyId: 'none' },
    authorize,
    queues,
    putEvents: (entries) => Promise.resolve(entries.map((entry) => ({ EventId: `id-${taken.push(entry) - 1}` }))),
    now: () => now,
  });
  const client = clientOf(edge);
  const clients = {
    sqs: new SQSClient(client),
    events: new EventBridgeClient(client),
    dynamodb: new DynamoDBClient(client),
  };
  onTestFinished(async () => {
    for (const one of Object.values(clients)) one.destroy();
    await edge.stop();
    await queues.stop();
  });
  return { edge, queues, taken, ...clients };
}

/**
 * The error of a call.
 * @throws if the call succeeded
 */
export async function rejection(call: Promise<unknown>): Promise<unknown> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (!outcome) throw new Error('The call was expected to fail.');
  return outcome.error;
}
