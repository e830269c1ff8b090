import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { awsClient } from '#shared/adapters/aws-clients.ts';
import { connect, openTables, required } from '#shared/adapters/connect.ts';
import { SqsDeadLetters } from '#shared/adapters/dead-letters.ts';
import { EventBridgeEvents } from '#shared/adapters/events.ts';
import { PoisonLimit } from '#shared/adapters/poison-limit.ts';
import { namesInRecord, taskChange } from '#shared/adapters/task-stream.ts';
import { env } from '#shared/env.ts';
import { publishChanges } from '#shared/reactions/publish-changes.ts';
import { streamPipeline } from './events/stream-pipeline.ts';

const consumer = 'publish-changes';
const tables = openTables(process.env);
const ports = connect(process.env, tables);
const outbox = {
  ...ports,
  events: new EventBridgeEvents(awsClient(EventBridgeClient), required(process.env, env.busName)),
};
const limit = new PoisonLimit(tables.agents, ports.clock, consumer);
const queueUrl = required(process.env, env.deadLetterQueueUrl);
const deadLetters = new SqsDeadLetters(awsClient(SQSClient), queueUrl, consumer);

/** The outbox: what follows from committed changes of tasks. */
export const handler = streamPipeline({
  parse: taskChange,
  names: namesInRecord,
  handle: (batch) => publishChanges(outbox, batch),
  admitPoison: (shardId) => limit.admit(shardId),
  deadLetter: (record, error) => deadLetters.add(record, error),
});
