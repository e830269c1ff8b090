import { SQSClient } from '@aws-sdk/client-sqs';
import { awsClient } from '#shared/adapters/aws-clients.ts';
import { required, type Tables } from '#shared/adapters/connect.ts';
import { SqsDeadLetters } from '#shared/adapters/dead-letters.ts';
import { PoisonLimit } from '#shared/adapters/poison-limit.ts';
import { namesInRecord, taskChange } from '#shared/adapters/task-stream.ts';
import { env } from '#shared/env.ts';
import type { Clock } from '#shared/ports.ts';
import { streamPipeline, type StreamHandler } from './stream-pipeline.ts';

/** A consumer of the task stream. */
export interface TaskStreamReader extends Pick<StreamHandler<ReturnType<typeof taskChange>>, 'handle'> {
  /** Identifies its limit of dead-lettered records, and its dead letters. */
  name: string;
  tables: Tables;
  clock: Clock;
}

/** Handles each batch of task changes, with the consumer's own poison limit and dead letters. */
export function taskStreamPipeline({ name, tables, clock, handle }: TaskStreamReader) {
  const limit = new PoisonLimit(tables.agents, clock, name);
  const queueUrl = required(process.env, env.deadLetterQueueUrl);
  const deadLetters = new SqsDeadLetters(awsClient(SQSClient), queueUrl, name);
  return streamPipeline({
    parse: taskChange,
    names: namesInRecord,
    handle,
    admitPoison: (shardId) => limit.admit(shardId),
    deadLetter: (record, error) => deadLetters.add(record, error),
  });
}
