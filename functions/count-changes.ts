import { SQSClient } from '@aws-sdk/client-sqs';
import { awsClient } from '#shared/adapters/aws-clients.ts';
import { connect, openTables, required } from '#shared/adapters/connect.ts';
import { DynamoDbCounting } from '#shared/adapters/counting.ts';
import { SqsDeadLetters } from '#shared/adapters/dead-letters.ts';
import { PoisonLimit } from '#shared/adapters/poison-limit.ts';
import { namesInRecord, taskChange } from '#shared/adapters/task-stream.ts';
import { env } from '#shared/env.ts';
import { countChanges } from '#shared/reactions/count-changes.ts';
import { streamPipeline } from './events/stream-pipeline.ts';
import { measured } from './telemetry/measure-work.ts';

const consumer = 'count-changes';
const tables = openTables(process.env);
const ports = connect(process.env, tables);
const counting = measured(new DynamoDbCounting(tables.agents, ports.clock));
const limit = new PoisonLimit(tables.agents, ports.clock, consumer);
const queueUrl = required(process.env, env.deadLetterQueueUrl);
const deadLetters = new SqsDeadLetters(awsClient(SQSClient), queueUrl, consumer);

/** Counts committed changes of tasks, many at a time. */
export const handler = streamPipeline({
  parse: taskChange,
  names: namesInRecord,
  handle: (batch) => countChanges({ ...ports, counting }, batch),
  admitPoison: (shardId) => limit.admit(shardId),
  deadLetter: (record, error) => deadLetters.add(record, error),
});
