import type { DynamoDBRecord } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { streamPipeline } from '../../functions/events/stream-pipeline.ts';
import { context } from './api.ts';

beforeEach(() => {
  for (const output of [process.stdout, process.stderr]) vi.spyOn(output, 'write').mockReturnValue(true);
});
afterEach(() => void vi.restoreAllMocks());

const named = (name: string, more: object = {}) => Object.assign(new Error(name), { name, ...more });
const fromAws = (name: string) => named(name, { $metadata: { httpStatusCode: 400 }, $fault: 'client' });

const minutes = 60_000;

interface Trouble {
  /** Handler errors by sequence number. */
  errors?: Record<string, Error>;
  /** Sequence numbers of records that cannot be parsed. */
  garbled?: string[];
  /** How many records may still be dead-lettered this hour. */
  admitted?: number;
}

/** Runs batches of records with these sequence numbers, all of this age. */
function consumer({ errors = {}, garbled = [], admitted = 5 }: Trouble) {
  const done = new Set<string>();
  const deadLetters: string[] = [];
  const numberOf = (record: DynamoDBRecord) => record.dynamodb?.SequenceNumber ?? '';
  const handler = streamPipeline<string>({
    parse: (record) => {
      if (garbled.includes(numberOf(record))) throw new Error('garbled');
      return numberOf(record);
    },
    names: () => ({}),
    handle: ({ changes }) => {
      const error = changes.map((change) => errors[change]).find((one) => one !== undefined);
      if (error) return Promise.reject(error);
      for (const change of changes) done.add(change);
      return Promise.resolve();
    },
    admitPoison: () => Promise.resolve(admitted > deadLetters.length),
    deadLetter: (record, error) => {
      deadLetters.push(`${numberOf(record)}: ${(error as Error).message}`);
      return Promise.resolve();
    },
  });
  const run = async (numbers: string[], ageMs = 0, shardId: string | null = 'shard-1') => {
    const ApproximateCreationDateTime = (Date.now() - ageMs) / 1000;
    const Records = numbers.map((SequenceNumber) => ({ dynamodb: { SequenceNumber, ApproximateCreationDateTime } }));
    const answer = await handler({ Records, ...(shardId !== null && { shardId }) }, context);
    expect(answer.state).toEqual({});
    return answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  return { run, done, deadLetters };
}

test('a record that fails alone while others pass is dead-lettered, and the shard continues', async () => {
  const { run, done, deadLetters } = consumer({ errors: { '2': new Error('poison') } });
  expect(await run(['1', '2', '3'])).toEqual([]);
  expect([...done]).toEqual(['1', '3']);
  expect(deadLetters).toEqual(['2: poison']);
});

test('a record that cannot be parsed is dead-lettered at once, even alone', async () => {
  const { run, done, deadLetters } = consumer({ garbled: ['1'] });
  expect(await run(['1'])).toEqual([]);
  expect(await run(['1', '2'])).toEqual([]);
  expect(deadLetters).toEqual(['1: garbled', '1: garbled']);
  expect([...done]).toEqual(['2']);
});

describe('a cause outside the record keeps the shard waiting and dead-letters nothing:', () => {
  test.each([
    ['throttling', fromAws('ThrottlingException')],
    ['a missing permission', fromAws('AccessDeniedException')],
    ['a missing table', fromAws('ResourceNotFoundException')],
    ['a request that timed out', named('TimeoutError')],
  ])('%s', async (_, error) => {
    const { run, deadLetters } = consumer({ errors: { '2': error } });
    expect(await run(['1', '2', '3'], 60 * minutes)).toEqual(['1']);
    expect(deadLetters).toEqual([]);
  });

  test('a bug that fails every record, until a record is 10 minutes old', async () => {
    const bug = new Error('bug');
    const { run, deadLetters } = consumer({ errors: { '1': bug, '2': bug } });
    expect(await run(['1', '2'], 9 * minutes)).toEqual(['1']);
    expect(deadLetters).toEqual([]);
    expect(await run(['1', '2'], 11 * minutes)).toEqual([]);
    expect(deadLetters).toEqual(['1: bug', '2: bug']);
  });

  test('records beyond those that one shard may lose per hour', async () => {
    const bug = new Error('bug');
    const errors = Object.fromEntries(['1', '2', '3'].map((number) => [number, bug]));
    const { run, done, deadLetters } = consumer({ errors, admitted: 2 });
    expect(await run(['1', '2', '3', '4'])).toEqual(['3']);
    expect(deadLetters).toEqual(['1: bug', '2: bug']);
    expect([...done]).toEqual(['4']);
  });
});

test("a refusal of one record's data by AWS is a failure of that record", async () => {
  const { run, deadLetters } = consumer({ errors: { '2': fromAws('ValidationException') } });
  expect(await run(['1', '2'])).toEqual([]);
  expect(deadLetters).toEqual(['2: ValidationException']);
});

test('a batch with a poison record is handled up to the record at which AWS fails', async () => {
  const { run, done, deadLetters } = consumer({
    errors: { '2': new Error('poison'), '3': fromAws('ThrottlingException') },
  });
  expect(await run(['1', '2', '3', '4'])).toEqual(['3']);
  expect([...done]).toEqual(['1']);
  expect(deadLetters).toEqual(['2: poison']);
});

test('an event without its shard id fails, because statistics could not be counted exactly once', async () => {
  const { run, done } = consumer({});
  await expect(run(['1'], 0, null)).rejects.toThrow('Set a tumbling window');
  expect([...done]).toEqual([]);
});

test('the empty batch that ends a tumbling window is ignored', async () => {
  const { run } = consumer({});
  expect(await run([])).toEqual([]);
});
