import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBRecord } from 'aws-lambda';
import { connect, required } from '#shared/adapters/connect.ts';
import { SqsDeadLetters } from '#shared/adapters/dead-letters.ts';
import { EventBridgeEvents } from '#shared/adapters/events.ts';
import { taskChange } from '#shared/adapters/task-stream.ts';
import { env } from '#shared/env.ts';
import { publishChanges } from '#shared/reactions/publish-changes.ts';
import { streamPipeline } from './events/record-pipeline.ts';

const ports = {
  ...connect(process.env),
  events: new EventBridgeEvents(new EventBridgeClient({}), required(process.env, env.busName)),
};
const deadLetters = new SqsDeadLetters(new SQSClient({}), required(process.env, env.deadLetterQueueUrl));

interface WindowedBatch {
  Records: DynamoDBRecord[];
  /** Only windowed events carry it. */
  shardId: string;
}

/** The outbox: what follows from committed changes of tasks. */
export const handler = streamPipeline<WindowedBatch>(
  ({ shardId, Records }) => publishChanges(ports, { shardId, changes: Records.map(taskChange) }),
  (record, error) => deadLetters.add(record, error),
);
