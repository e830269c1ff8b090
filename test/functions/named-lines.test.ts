/** Every log line about a failure names its task and its trace, if known. */
import type { DynamoDBRecord, SQSRecord } from 'aws-lambda';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { namesInRecord } from '#shared/adapters/task-stream.ts';
import { wakeUpIn } from '#shared/adapters/wake-up-message.ts';
import { eventPipeline } from '../../functions/events/event-pipeline.ts';
import { messagePipeline } from '../../functions/events/message-pipeline.ts';
import { streamPipeline } from '../../functions/events/stream-pipeline.ts';
import { context } from './api.ts';

let written: string[];
beforeEach(() => {
  written = [];
  for (const output of [process.stdout, process.stderr]) {
    vi.spyOn(output, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  }
});
afterEach(() => void vi.restoreAllMocks());

/** The parts of an invocation's log lines that say what they are about. */
const lines = () =>
  written
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .map(({ message, task_id, task_ids, agent_id, trace_id }) => ({ message, task_id, task_ids, agent_id, trace_id }));

const fail = () => Promise.reject(new Error('poison'));
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

const record = (task: string, payload?: string): DynamoDBRecord => ({
  dynamodb: {
    SequenceNumber: task,
    Keys: { pk: { S: `T#${task}` }, sk: { S: 'T' } },
    NewImage: { pk: { S: `T#${task}` }, ...(payload !== undefined && { pl: { S: payload } }) },
  },
});
const traced = record('one', JSON.stringify({ traceparent: `00-${traceId}-00f067aa0ba902b7-01` }));

const stream = (parse: () => string, isAdmitted: boolean) =>
  streamPipeline({
    parse,
    names: namesInRecord,
    handle: fail,
    admitPoison: () => Promise.resolve(isAdmitted),
    deadLetter: () => Promise.resolve(),
  });

test('a failing record is logged with its task and trace, and a batch with all of its tasks', async () => {
  await stream(() => 'change', true)({ Records: [traced, record('two', 'garbled')], shardId: 'shard-1' }, context);
  expect(lines()).toEqual([
    { message: 'Batch failed', task_ids: ['one', 'two'] },
    { message: 'Record failed', task_id: 'one', trace_id: traceId },
    { message: 'Record failed', task_id: 'two' },
  ]);
});

test('a record that cannot be parsed is logged with its task, also while the shard waits for it', async () => {
  const parse = () => {
    throw new Error('garbled');
  };
  await stream(parse, false)({ Records: [traced], shardId: 'shard-1' }, context);
  expect(lines()).toEqual([
    { message: 'Unparsable record', task_id: 'one', trace_id: traceId },
    { message: 'Too many records failed this hour; the shard waits', task_id: 'one', trace_id: traceId },
  ]);
});

test('a failing message is logged with the task or agent that it wakes the router for', async () => {
  const Records = ['{"task_id":"one"}', '{"agent_id":"fixer"}', 'garbled'].map((body) => ({ body }) as SQSRecord);
  await messagePipeline(fail, ({ body }) => wakeUpIn(body))({ Records }, context);
  expect(lines()).toEqual([
    { message: 'Batch failed', task_ids: ['one'] },
    { message: 'Message failed', task_id: 'one' },
    { message: 'Message failed', agent_id: 'fixer' },
    { message: 'Message failed' },
  ]);
});

test('a failing event is logged with its task, and the next one with its own', async () => {
  const pipeline = eventPipeline<{ task_id?: string }>(fail, ({ task_id }) => ({ task_id }));
  await expect(pipeline({ task_id: 'one' }, context)).rejects.toThrow('poison');
  await expect(pipeline({}, context)).rejects.toThrow('poison');
  expect(lines()).toEqual([{ message: 'Event failed', task_id: 'one' }, { message: 'Event failed' }]);
});
