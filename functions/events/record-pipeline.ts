import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBRecord, SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { isUnavailable } from '#shared/adapters/aws-errors.ts';
import { logEvents } from '../telemetry/log-events.ts';
import { logger } from '../telemetry/logger.ts';

export interface Batch<R> {
  Records: R[];
}

type HandleBatch<R, B extends Batch<R>> = (batch: B) => Promise<void>;

/**
 * What every batch of SQS messages passes. Messages that fail are reported, so that only they come again and, in the end, go to
 * the dead letter queue.
 */
export function messagePipeline<B extends Batch<SQSRecord>>(handle: HandleBatch<SQSRecord, B>) {
  return middy<B, SQSBatchResponse>()
    .use(logEvents())
    .handler(async (batch) => {
      const failed = await failures(batch, handle);
      return { batchItemFailures: failed.map(({ record }) => ({ itemIdentifier: record.messageId })) };
    });
}

/**
 * What every batch of stream records passes. While AWS does not answer, the shard waits: the batch is repeated from the first
 * record that failed. A record that fails by itself is given to `deadLetter`, and the shard moves on.
 */
export function streamPipeline<B extends Batch<DynamoDBRecord>>(
  handle: HandleBatch<DynamoDBRecord, B>,
  deadLetter: (record: DynamoDBRecord, error: unknown) => Promise<void>,
) {
  return middy<B, StreamResponse>()
    .use(logEvents())
    .handler(async (batch) => {
      for (const { record, error } of await failures(batch, handle)) {
        if (isUnavailable(error)) return { state, batchItemFailures: [{ itemIdentifier: sequenceNumber(record) }] };
        await deadLetter(record, error);
      }
      return { state, batchItemFailures: [] };
    });
}

/** Nothing is carried over in a tumbling window, but Lambda takes an answer without state for a failure. */
type StreamResponse = DynamoDBBatchResponse & { state: Record<string, never> };
const state = {};

const sequenceNumber = (record: DynamoDBRecord) => record.dynamodb?.SequenceNumber ?? '';

/**
 * Handles a batch as a whole. When that fails, because of any of its records, each is handled alone, in order, so that one
 * poison record stops no other: handlers must be able to repeat what they have done already.
 */
async function failures<R, B extends Batch<R>>(batch: B, handle: HandleBatch<R, B>) {
  const failed: { record: R; error: unknown }[] = [];
  try {
    if (batch.Records.length > 0) await handle(batch);
    return failed;
  } catch (error) {
    logger.warn('The batch failed', { error: error as Error, records: batch.Records.length });
    if (isUnavailable(error) || batch.Records.length === 1) return batch.Records.map((record) => ({ record, error }));
  }
  for (const [n, record] of batch.Records.entries()) {
    try {
      await handle({ ...batch, Records: [record] });
    } catch (error) {
      logger.error('The record failed', { error: error as Error });
      // What comes after it waits too: to go on would leave this one behind what has been counted already.
      if (isUnavailable(error)) return [...failed, ...batch.Records.slice(n).map((one) => ({ record: one, error }))];
      failed.push({ record, error });
    }
  }
  return failed;
}
