import type { DynamoDBRecord, SQSRecord } from 'aws-lambda';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { messagePipeline, streamPipeline } from '../../functions/events/record-pipeline.ts';
import { context } from './api.ts';

beforeEach(() => {
  for (const output of [process.stdout, process.stderr]) vi.spyOn(output, 'write').mockReturnValue(true);
});
afterEach(() => void vi.restoreAllMocks());

const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
const messages = (...ids: string[]) => ({ Records: ids.map((messageId) => ({ messageId }) as SQSRecord) });
const changes = (...numbers: string[]) => ({
  Records: numbers.map((SequenceNumber) => ({ dynamodb: { SequenceNumber } })),
});
const numberOf = (record: DynamoDBRecord) => record.dynamodb?.SequenceNumber ?? '';

/** A handler that cannot bear certain records, and the records it was through with. */
function handlerOf<R>(idOf: (record: R) => string, errors: Record<string, Error>) {
  const done: string[] = [];
  const handle = ({ Records }: { Records: R[] }) => {
    for (const record of Records) {
      const error = errors[idOf(record)];
      if (error) return Promise.reject(error);
    }
    done.push(...Records.map(idOf));
    return Promise.resolve();
  };
  return { done, handle };
}

test('a batch of messages is handled at once', async () => {
  const handle = vi.fn(() => Promise.resolve());
  expect(await messagePipeline(handle)(messages('a', 'b'), context)).toEqual({ batchItemFailures: [] });
  expect(handle).toHaveBeenCalledTimes(1);
});

test('one poison message is reported and stops no other', async () => {
  const { done, handle } = handlerOf<SQSRecord>(({ messageId }) => messageId, { b: new Error('poison') });
  const answer = await messagePipeline(handle)(messages('a', 'b', 'c'), context);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'b' }] });
  expect(done).toEqual(['a', 'c']);
});

test('while AWS does not answer, every message comes again', async () => {
  const { handle } = handlerOf<SQSRecord>(({ messageId }) => messageId, { b: throttled });
  const { batchItemFailures } = await messagePipeline(handle)(messages('a', 'b'), context);
  expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['a', 'b']);
});

test('one poison change is put aside with its error and the shard moves on', async () => {
  const { done, handle } = handlerOf(numberOf, { '2': new Error('poison') });
  const aside: string[] = [];
  const putAside = (record: DynamoDBRecord, error: unknown) => {
    aside.push(`${numberOf(record)}: ${String(error)}`);
    return Promise.resolve();
  };
  const answer = await streamPipeline(handle, putAside)(changes('1', '2', '3'), context);
  expect(answer).toEqual({ state: {}, batchItemFailures: [] });
  expect(done).toEqual(['1', '3']);
  expect(aside).toEqual(['2: Error: poison']);
});

test('while AWS does not answer, the shard waits and nothing is put aside', async () => {
  const { handle } = handlerOf(numberOf, { '2': throttled });
  const putAside = vi.fn(() => Promise.resolve());
  const answer = await streamPipeline(handle, putAside)(changes('1', '2', '3'), context);
  expect(answer.batchItemFailures).toEqual([{ itemIdentifier: '1' }]);
  expect(putAside).not.toHaveBeenCalled();
});

test('a change that cannot be put aside is not lost: the batch fails', async () => {
  const { handle } = handlerOf(numberOf, { '1': new Error('poison') });
  const putAside = () => Promise.reject(new Error('no queue'));
  await expect(streamPipeline(handle, putAside)(changes('1'), context)).rejects.toThrow('no queue');
});

test('the empty batch that ends a tumbling window is no work', async () => {
  const handle = vi.fn(() => Promise.resolve());
  expect(await streamPipeline(handle, handle)(changes(), context)).toEqual({ state: {}, batchItemFailures: [] });
  expect(handle).not.toHaveBeenCalled();
});
