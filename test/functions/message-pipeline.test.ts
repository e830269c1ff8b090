import type { SQSRecord } from 'aws-lambda';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { messagePipeline, type MessageBatch } from '../../functions/events/message-pipeline.ts';
import { context } from './api.ts';

beforeEach(() => {
  for (const output of [process.stdout, process.stderr]) vi.spyOn(output, 'write').mockReturnValue(true);
});
afterEach(() => void vi.restoreAllMocks());

const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
const messages = (...ids: string[]) => ({ Records: ids.map((messageId) => ({ messageId }) as SQSRecord) });

/** A handler that fails on certain messages, and the messages it handled. */
function handlerOf(errors: Record<string, Error>) {
  const done: string[] = [];
  const handle = ({ Records }: MessageBatch) => {
    const ids = Records.map(({ messageId }) => messageId);
    const error = ids.map((id) => errors[id]).find((one) => one !== undefined);
    if (error) return Promise.reject(error);
    done.push(...ids);
    return Promise.resolve();
  };
  return { done, handle };
}

test('a batch of messages is handled at once', async () => {
  const handle = vi.fn(() => Promise.resolve());
  expect(await messagePipeline(handle, () => ({}))(messages('a', 'b'), context)).toEqual({ batchItemFailures: [] });
  expect(handle).toHaveBeenCalledTimes(1);
});

test('a poison message is reported and does not stop the others', async () => {
  const { done, handle } = handlerOf({ b: new Error('poison') });
  const answer = await messagePipeline(handle, () => ({}))(messages('a', 'b', 'c'), context);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'b' }] });
  expect(done).toEqual(['a', 'c']);
});

test('while AWS does not respond, every message is redelivered', async () => {
  const { handle } = handlerOf({ b: throttled });
  const { batchItemFailures } = await messagePipeline(handle, () => ({}))(messages('a', 'b'), context);
  expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['a', 'b']);
});
