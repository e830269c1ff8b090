import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { isUnavailable } from '#shared/adapters/aws-errors.ts';
import { logEvents } from '../telemetry/log-events.ts';
import { logger } from '../telemetry/logger.ts';
import { named, tasksNamed, type Names } from '../telemetry/named.ts';

export interface MessageBatch {
  Records: SQSRecord[];
}

type HandleMessages = (batch: MessageBatch, context: Context) => Promise<void>;

/**
 * Handles each batch of SQS messages. Failed messages are reported, so that only they are redelivered and, in the end,
 * moved to the dead-letter queue.
 * @param names what a message is about, for the log lines about its failures
 */
export function messagePipeline(handle: HandleMessages, names: Names<SQSRecord>) {
  return middy<MessageBatch, SQSBatchResponse>()
    .use(logEvents())
    .handler(async (batch, context) => {
      const failed = await failedMessages(batch, (messages) => handle(messages, context), names);
      return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
}

/**
 * Handles a batch as a whole. If a message makes it fail, each message is handled alone, so that a poison message stops
 * no other; handlers must therefore be idempotent.
 */
async function failedMessages(
  batch: MessageBatch,
  handle: (batch: MessageBatch) => Promise<void>,
  names: Names<SQSRecord>,
): Promise<SQSRecord[]> {
  const { Records: records } = batch;
  try {
    if (records.length > 0) await handle(batch);
    return [];
  } catch (error) {
    logger.warn('Batch failed', { error: error as Error, records: records.length, ...tasksNamed(names, records) });
    if (isUnavailable(error) || records.length === 1) return records;
  }
  const failed: SQSRecord[] = [];
  for (const [n, record] of records.entries()) {
    try {
      await handle({ Records: [record] });
    } catch (error) {
      logger.error('Message failed', { error: error as Error, ...named(names, record) });
      if (isUnavailable(error)) return [...failed, ...records.slice(n)];
      failed.push(record);
    }
  }
  return failed;
}
