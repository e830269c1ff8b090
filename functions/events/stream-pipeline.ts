import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { isAwsError } from '#shared/adapters/aws-errors.ts';
import { logEvents } from '../telemetry/log-events.ts';
import { logger } from '../telemetry/logger.ts';
import { named, tasksNamed, type Names } from '../telemetry/named.ts';

export interface StreamBatch {
  Records: DynamoDBRecord[];
  /** Only set for events with a tumbling window. */
  shardId?: string;
}

/** What a stream consumer does with its records. */
export interface StreamHandler<C> {
  /**
   * The change that a record describes.
   * @throws Error if it describes none
   */
  parse: (record: DynamoDBRecord) => C;
  /** What a record is about, for the log lines about its failures. */
  names: Names<DynamoDBRecord>;
  /**
   * Handles changes of one shard, in order. Must be idempotent: may be repeated for a whole batch, then for each change
   * alone.
   */
  handle: (batch: { shardId: string; changes: C[] }) => Promise<void>;
  /** Whether one more record of this shard may be dead-lettered this hour. */
  admitPoison: (shardId: string) => Promise<boolean>;
  /** Stores a record that will never be processed, with its content. */
  deadLetter: (record: DynamoDBRecord, error: unknown) => Promise<void>;
}

/** A record that fails alone is given up at this age, even if no other record proves that the rest works. */
const patienceMs = 10 * 60_000;

/** No state is carried through the tumbling window, but Lambda treats a response without state as a failure. */
type StreamResponse = DynamoDBBatchResponse & { state: Record<string, never> };

const continueFrom = (record?: DynamoDBRecord): StreamResponse => ({
  state: {},
  batchItemFailures: record ? [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? '' }] : [],
});

/**
 * Handles each batch of stream records. While AWS refuses calls for any reason, the shard waits and is retried from the
 * first failed record. A record is dead-lettered only if it is itself the cause: it cannot be parsed, or it fails alone
 * while another record of its batch passes or for longer than 10 minutes. So a bug in a deployment, or a missing
 * permission, delays the stream instead of draining it into the dead-letter queue.
 */
export function streamPipeline<C>(handler: StreamHandler<C>) {
  return middy<StreamBatch, StreamResponse>()
    .use(logEvents())
    .handler(async ({ Records: records, shardId }) => {
      if (records.length === 0) return continueFrom();
      if (shardId === undefined) {
        throw new Error('The stream event has no shardId. Set a tumbling window on the event source mapping.');
      }
      const { failures, isAnyPassed, stoppedAt } = await handleAll(handler, shardId, records);
      for (const failure of failures) {
        if (!isPoison(failure, isAnyPassed)) return continueFrom(failure.record);
        if (!(await handler.admitPoison(shardId))) {
          logger.error('Too many records failed this hour; the shard waits', {
            shardId,
            error: failure.error,
            ...named(handler.names, failure.record),
          });
          return continueFrom(failure.record);
        }
        await handler.deadLetter(failure.record, failure.error);
      }
      return continueFrom(stoppedAt);
    });
}

interface Failure {
  record: DynamoDBRecord;
  error: Error;
  isParsed: boolean;
}

interface Outcome {
  /** Records that failed for reasons of their own, in order. */
  failures: Failure[];
  isAnyPassed: boolean;
  /** The record at which AWS refused a call: this record and all later ones are still to be handled. */
  stoppedAt?: DynamoDBRecord;
}

function isPoison({ record, isParsed }: Failure, isAnyPassed: boolean): boolean {
  if (!isParsed || isAnyPassed) return true;
  const createdAt = (record.dynamodb?.ApproximateCreationDateTime ?? 0) * 1000;
  return Date.now() - createdAt > patienceMs;
}

/** Handles the records as one batch and, if a record makes that fail, each alone. */
async function handleAll<C>(
  { parse, names, handle }: StreamHandler<C>,
  shardId: string,
  records: readonly DynamoDBRecord[],
): Promise<Outcome> {
  const parsed = records.map((record) => parsedOrFailed(parse, names, record));
  const changes = parsed.flatMap((one) => ('change' in one ? [one.change] : []));
  const unparsed = parsed.flatMap((one) => ('change' in one ? [] : [one]));
  try {
    if (changes.length > 0) await handle({ shardId, changes });
    return { failures: unparsed, isAnyPassed: changes.length > 0 };
  } catch (error) {
    logger.warn('Batch failed', { error: error as Error, records: changes.length, ...tasksNamed(names, records) });
    if (isAwsError(error)) return { failures: [], isAnyPassed: false, ...(records[0] && { stoppedAt: records[0] }) };
  }
  const failures: Failure[] = [];
  let isAnyPassed = false;
  for (const one of parsed) {
    if (!('change' in one)) {
      failures.push(one);
      continue;
    }
    try {
      await handle({ shardId, changes: [one.change] });
      isAnyPassed = true;
    } catch (error) {
      logger.error('Record failed', { error: error as Error, ...named(names, one.record) });
      // Later records wait too: after counting those, the checkpoint would skip this one.
      if (isAwsError(error)) return { failures, isAnyPassed, stoppedAt: one.record };
      failures.push({ record: one.record, error: error as Error, isParsed: true });
    }
  }
  return { failures, isAnyPassed };
}

function parsedOrFailed<C>(parse: (record: DynamoDBRecord) => C, names: Names<DynamoDBRecord>, record: DynamoDBRecord) {
  try {
    return { record, change: parse(record) };
  } catch (error) {
    logger.error('Unparsable record', { error: error as Error, ...named(names, record) });
    return { record, error: error as Error, isParsed: false };
  }
}
