import { DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, vi } from 'vitest';
import { clientSettings } from '#local/edge/aws-client.ts';
import { missingFor } from '#local/engines/dynamodb.ts';
import type { RunningTemplate, RunOptions } from '#local/run/run-template.ts';
import type { SourceSettings } from '#local/sources/source.ts';
import { startSources } from '#local/sources/start-sources.ts';
import { readTemplate } from '#local/template/template.ts';
import { test } from '../support/running-template.ts';
import type { TinyTemplate } from '../support/tiny-template.ts';

interface Seen {
  keys: string[];
  window?: { start: string; end: string };
  state?: unknown;
  isFinalInvokeForWindow?: boolean;
}

function withMapping(tiny: TinyTemplate, mapping: Record<string, unknown>): TinyTemplate {
  return tiny.add({
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Things', 'StreamArn'] },
        FunctionName: { Ref: 'Listener' },
        BatchSize: 100,
        StartingPosition: 'TRIM_HORIZON',
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ...mapping,
      },
    },
  });
}

/** A listener that counts per window, always fails on `crash`, fails the first time on `once`, and reports `poison`. */
function withListener(tiny: TinyTemplate, mapping: Record<string, unknown> = {}): TinyTemplate {
  withMapping(tiny, mapping);
  return tiny
    .function(
      'Listener',
      `const { Records, ...rest } = event;
       const keys = Records.map(({ dynamodb }) => dynamodb.Keys.pk.S);
       record({ keys, ...rest });
       globalThis.seen ??= new Set();
       const isNew = keys.includes('once') && !globalThis.seen.has('once');
       keys.forEach((key) => globalThis.seen.add(key));
       if (keys.includes('crash') || isNew) throw new Error('crashed');
       const poison = Records.find(({ dynamodb }) => dynamodb.Keys.pk.S === 'poison');
       return {
         state: { count: (event.state?.count ?? 0) + Records.length },
         batchItemFailures: poison ? [{ itemIdentifier: poison.dynamodb.SequenceNumber }] : [],
       };`,
    )
    .add({
      Dead: { Type: 'AWS::SQS::Queue' },
      Things: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
        },
      },
    });
}

/** Writes all concurrently, so that they arrive in one batch. */
async function put({ edge }: RunningTemplate, ...keys: string[]): Promise<void> {
  const client = new DynamoDBClient(clientSettings(edge));
  const TransactItems = keys.map((key) => ({
    Put: {
      TableName: 'tiny-Things',
      Item: { pk: { S: key }, kind: { S: key.slice(0, 1) }, bytes: { B: new Uint8Array([1, 2]) } },
    },
  }));
  await client.send(new TransactWriteItemsCommand({ TransactItems }));
  client.destroy();
}

/** Records the keys of each batch, and handles everything. */
const handlesAll = `record(event.Records.map(({ dynamodb }) => dynamodb.Keys.pk.S));`;

interface Restart {
  tiny: TinyTemplate;
  run: (options: RunOptions) => Promise<RunningTemplate>;
  data: string;
}

/**
 * Restarts on the same data, with a function that handles everything instead of the listener.
 * @returns the keys that it sees
 */
async function seenAfterRepair({ tiny, run, data }: Restart): Promise<unknown[]> {
  withMapping(tiny.function('Repaired', handlesAll), { FunctionName: { Ref: 'Repaired' } });
  await (await run({ data })).settled();
  return tiny.recorded('Repaired').flat();
}

const keysSeen = (tiny: TinyTemplate) => tiny.recorded<Seen>('Listener').flatMap(({ keys }) => keys);

const batchesSeen = (tiny: TinyTemplate) => tiny.recorded<Seen>('Listener').map(({ keys }) => keys);

async function deadLetters({ edge }: RunningTemplate): Promise<Record<string, unknown>[]> {
  const sqs = new SQSClient(clientSettings(edge));
  const command = new ReceiveMessageCommand({
    QueueUrl: `${edge.url}/000000000000/tiny-Dead`,
    MaxNumberOfMessages: 10,
  });
  const { Messages = [] } = await sqs.send(command);
  sqs.destroy();
  return Messages.map(({ Body = '' }) => JSON.parse(Body) as Record<string, unknown>);
}

/** The engines that this machine can run. */
const engines = (['dynoxide', 'dynamodb-local'] as const).filter((kind) => missingFor(kind) === undefined);

const failures = {
  DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Dead', 'Arn'] } } },
};

test.for(engines)('changes reach the function in order (%s)', async (dynamodb, { tiny, run }) => {
  withListener(tiny);
  const muster = await run({ dynamodb });
  const written = Array.from({ length: 30 }, (_, index) => `key-${index}`);
  for (const key of written) await put(muster, key);
  await muster.settled();
  expect(keysSeen(tiny)).toEqual(written);
});

test("a record has Lambda's format", async ({ tiny, run }) => {
  withListener(tiny, { FunctionName: { Ref: 'Echo' } }).function('Echo', 'record(event);');
  const muster = await run({ now: Date.UTC(2031, 0, 1) });
  await put(muster, 'a');
  await muster.settled();
  const [first] = tiny.recorded<{ Records: unknown[] }>('Echo').flatMap(({ Records }) => Records);
  expect(first).toEqual({
    eventID: expect.any(String) as string,
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    eventSourceARN: 'arn:aws:dynamodb:us-east-1:000000000000:table/tiny-Things/stream/local',
    dynamodb: {
      ApproximateCreationDateTime: expect.closeTo(Date.UTC(2031, 0, 1) / 1000, -2) as number,
      Keys: { pk: { S: 'a' } },
      NewImage: { pk: { S: 'a' }, kind: { S: 'a' }, bytes: { B: 'AQI=' } },
      SequenceNumber: expect.any(String) as string,
      SizeBytes: expect.any(Number) as number,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  });
});

test('only records that match the filter reach the function', async ({ tiny, run }) => {
  const pattern = { eventName: ['INSERT'], dynamodb: { NewImage: { kind: { S: [{ prefix: 'a' }] } } } };
  withListener(tiny, { FilterCriteria: { Filters: [{ Pattern: JSON.stringify(pattern) }] } });
  const muster = await run();
  await put(muster, 'a1', 'b1', 'a2', 'b2');
  await muster.settled();
  expect(keysSeen(tiny)).toEqual(['a1', 'a2']);
});

test('a failed batch is retried, and nothing overtakes it', async ({ tiny, run }) => {
  withListener(tiny, { BatchSize: 1 });
  const muster = await run();
  await put(muster, 'a', 'once', 'b');
  await muster.settled();
  expect(keysSeen(tiny)).toEqual(['a', 'once', 'once', 'b']);
});

test('a reported record is retried with those after it, until both are given up', async ({ tiny, run }) => {
  withListener(tiny, { MaximumRetryAttempts: 1, ...failures });
  const muster = await run();
  await put(muster, 'a', 'poison', 'b');
  await expect.poll(() => batchesSeen(tiny)).toContainEqual(['a', 'poison', 'b']);
  await put(muster, 'c');
  await muster.settled();
  expect(batchesSeen(tiny)).toEqual([['a', 'poison', 'b'], ['poison', 'b'], ['c']]);
  expect(await deadLetters(muster)).toMatchObject([
    {
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
      DDBStreamBatchInfo: { batchSize: 2 },
    },
  ]);
});

test('halving a failed batch isolates the one record that fails', async ({ tiny, run }) => {
  withListener(tiny, { MaximumRetryAttempts: 0, BisectBatchOnFunctionError: true, ...failures });
  const muster = await run();
  await put(muster, 'a', 'b', 'crash', 'c');
  await muster.settled();
  expect(batchesSeen(tiny)).toEqual([['a', 'b', 'crash', 'c'], ['a', 'b'], ['crash', 'c'], ['crash'], ['c']]);
  expect(await deadLetters(muster)).toMatchObject([{ DDBStreamBatchInfo: { batchSize: 1 } }]);
});

test('a tumbling window carries its state and ends with one more invocation, only if it had records', async ({
  tiny,
  run,
}) => {
  withListener(tiny, { TumblingWindowInSeconds: 60 });
  const muster = await run({ now: Date.UTC(2031, 0, 1, 0, 0, 20) });
  await put(muster, 'a', 'b');
  await muster.settled();
  await put(muster, 'c');
  await muster.settled();
  await muster.clock.advance('1h');
  await expect.poll(() => tiny.recorded('Listener')).toHaveLength(3);
  await put(muster, 'd');
  await muster.settled();

  const first = { start: '2031-01-01T00:00:00Z', end: '2031-01-01T00:01:00Z' };
  expect(tiny.recorded<Seen>('Listener')).toMatchObject([
    { keys: ['a', 'b'], window: first, state: {}, isFinalInvokeForWindow: false, isWindowTerminatedEarly: false },
    { keys: ['c'], window: first, state: { count: 2 }, isFinalInvokeForWindow: false },
    { keys: [], window: first, state: { count: 3 }, isFinalInvokeForWindow: true },
    { keys: ['d'], window: { start: '2031-01-01T01:00:00Z' }, state: {}, isFinalInvokeForWindow: false },
  ]);
  expect(tiny.recorded('Listener')[0]).toMatchObject({
    shardId: expect.any(String) as string,
    eventSourceARN: 'arn:aws:dynamodb:us-east-1:000000000000:table/tiny-Things/stream/local',
  });
});

test.for(engines)('after a restart it continues where it was (%s)', async (dynamodb, { tiny, run, data }) => {
  withListener(tiny, { TumblingWindowInSeconds: 3_600 });
  const before = await run({ data, dynamodb });
  await put(before, 'a', 'b');
  await before.settled();
  await before.stop();

  const after = await run({ data, dynamodb });
  await put(after, 'c');
  await after.settled();
  expect(batchesSeen(tiny)).toEqual([['a', 'b'], ['c']]);
});

test('changes written while the function failed are delivered after a restart', async ({ tiny, run, data }) => {
  withListener(tiny, { BatchSize: 1 });
  const before = await run({ data });
  await put(before, 'a', 'crash', 'b');
  await expect.poll(() => keysSeen(tiny)).toContain('crash');
  await before.stop();
  expect(await seenAfterRepair({ tiny, run, data })).toEqual(['crash', 'b']);
});

test('if the records after its position are gone, it continues with what is left', async ({ tiny, run }) => {
  withListener(tiny);
  const muster = await run();
  await put(muster, 'a');
  await muster.settled();
  let refused = false;
  muster.edge.intercept(async ({ action, body }, next) => {
    const isLost = action === 'GetRecords' && !refused;
    if (action === 'GetShardIterator') expect(body['ShardIteratorType']).toBe('TRIM_HORIZON');
    if (!isLost) return next();
    refused = true;
    return { status: 400, headers: {}, body: JSON.stringify({ __type: 'TrimmedDataAccessException' }) };
  });
  await put(muster, 'b');
  await expect.poll(() => keysSeen(tiny)).toContain('b');
});

test('changes within the batching window are one batch, which the clock or a full batch ends', async ({
  tiny,
  run,
}) => {
  withListener(tiny, { MaximumBatchingWindowInSeconds: 300, BatchSize: 4 });
  const muster = await run();
  await muster.settled();
  await put(muster, 'a');
  await put(muster, 'b');
  await muster.clock.advance('301s');
  await expect.poll(() => batchesSeen(tiny)).toEqual([['a', 'b']]);
  for (const key of ['c', 'd', 'e', 'f']) await put(muster, key);
  await expect
    .poll(() => batchesSeen(tiny))
    .toEqual([
      ['a', 'b'],
      ['c', 'd', 'e', 'f'],
    ]);
});

test('a batching window ends when there is nothing else to wait for', async ({ tiny, run }) => {
  withListener(tiny, { MaximumBatchingWindowInSeconds: 300 });
  const muster = await run();
  await put(muster, 'a');
  await muster.settled();
  await put(muster, 'b');
  await put(muster, 'c');
  await muster.settled();
  expect(batchesSeen(tiny)).toEqual([['a'], ['b', 'c']]);
});

/** A second reader of the same stream, which handles everything. */
function withSecond(tiny: TinyTemplate, mapping: Record<string, unknown> = {}): TinyTemplate {
  const [first] = Object.values(tiny.assembly().template.Resources).filter(({ Type }) => Type.endsWith('Mapping'));
  const { Properties, Type } = first as { Properties: object; Type: string };
  return tiny
    .function('Second', handlesAll)
    .add({ SecondMapping: { Type, Properties: { ...Properties, FunctionName: { Ref: 'Second' }, ...mapping } } });
}

test('two functions read the same stream, and the records stay until both have read them', async ({
  tiny,
  run,
  data,
}) => {
  withListener(tiny, { BatchSize: 1 });
  withSecond(tiny);
  const before = await run({ data });
  // The first reader waits at the record it cannot handle; the second continues, but what it has read is not trimmed.
  await put(before, 'a', 'crash', 'b');
  await expect.poll(() => tiny.recorded('Second').flat()).toEqual(['a', 'crash', 'b']);
  await expect.poll(() => keysSeen(tiny)).toContain('crash');
  await before.stop();
  expect(await seenAfterRepair({ tiny, run, data })).toEqual(['crash', 'b']);
  expect(tiny.recorded('Second').flat()).toEqual(['a', 'crash', 'b']);
});

test('if one mapping of a template is refused, none is started', ({ tiny, data }) => {
  withSecond(withListener(tiny));
  const { SecondMapping } = tiny.assembly().template.Resources;
  if (SecondMapping) tiny.add({ ThirdMapping: SecondMapping });
  const { template, stackName } = tiny.assembly();
  const intercept = vi.fn();
  const settings = {
    template: readTemplate(template, stackName, 'http://127.0.0.1:9'),
    edge: { url: 'http://127.0.0.1:9', token: 'none', intercept },
    folder: data,
    streams: new Map(),
    warn: () => undefined,
  } as unknown as SourceSettings;
  expect(() => startSources(settings)).toThrow(
    'DynamoDB allows 2 readers of a stream, not Mapping, SecondMapping, Thir',
  );
  expect(intercept).not.toHaveBeenCalled();
});
