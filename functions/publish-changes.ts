import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { awsClient } from '#shared/adapters/aws-clients.ts';
import { connect, openTables, required } from '#shared/adapters/connect.ts';
import { DynamoDbCounting } from '#shared/adapters/counting.ts';
import { SqsDeadLetters } from '#shared/adapters/dead-letters.ts';
import { EventBridgeEvents } from '#shared/adapters/events.ts';
import { namesInRecord, taskChange } from '#shared/adapters/task-stream.ts';
import { env } from '#shared/env.ts';
import { publishChanges } from '#shared/reactions/publish-changes.ts';
import { streamPipeline } from './events/stream-pipeline.ts';
import { measured } from './telemetry/measure-work.ts';

const tables = openTables(process.env);
const ports = connect(process.env, tables);
const outbox = {
  ...ports,
  counting: measured(new DynamoDbCounting(tables.agents, ports.clock)),
  events: new EventBridgeEvents(awsClient(EventBridgeClient), required(process.env, env.busName)),
};
const deadLetters = new SqsDeadLetters(awsClient(SQSClient), required(process.env, env.deadLetterQueueUrl));

/** The outbox: what follows from committed changes of tasks. */
export const handler = streamPipeline({
  parse: taskChange,
  names: namesInRecord,
  handle: (batch) => publishChanges(outbox, batch),
  admitPoison: (shardId) => outbox.counting.admitPoison(shardId, ports.clock.now()),
  deadLetter: (record, error) => deadLetters.add(record, error),
});
