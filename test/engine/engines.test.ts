import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type ConditionalCheckFailedException,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetRecordsOutput,
  type GetShardIteratorInput,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test, vi } from 'vitest';
import { engineClientSettings, startDynamoDb, type DynamoDbAddress } from '#local/engines/dynamodb.ts';
import { clientOf, describeEngine, describeOnEngine, type EngineContext } from '../support/dynamodb.ts';
import { createItemsTable, type ItemsTable } from '../support/engine-tables.ts';
import { patience, within } from '../support/patience.ts';

describeOnEngine('conditional writes', createItemsTable, (context) => {
  test('one of 64 racing updates wins, and the others see the winner', async () => {
    const { documentClient, tables } = context;
    await documentClient.send(new PutCommand({ TableName: tables.name, Item: { pk: 'task', status: 'pending' } }));

    const outcomes = await Promise.allSettled(
      Array.from({ length: 64 }, (_, agent) =>
        documentClient.send(
          new UpdateCommand({
            TableName: tables.name,
            Key: { pk: 'task' },
            UpdateExpression: 'SET #status = :assigned, #agent = :agent',
            ConditionExpression: '#status = :pending',
            ExpressionAttributeNames: { '#status': 'status', '#agent': 'agent' },
            ExpressionAttributeValues: { ':pending': 'pending', ':assigned': 'assigned', ':agent': `agent-${agent}` },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      ),
    );

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { Item: task } = await documentClient.send(new GetCommand({ TableName: tables.name, Key: { pk: 'task' } }));
    const seenByLosers = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [(outcome.reason as ConditionalCheckFailedException).Item?.['agent']?.S] : [],
    );
    expect(new Set(seenByLosers)).toEqual(new Set([task?.['agent']]));
  });

  test('an item is in the sparse index only while it has the index keys, and only with its keys', async () => {
    const { documentClient, tables } = context;
    const TableName = tables.name;
    const members = async () => {
      const query = new QueryCommand({
        TableName,
        IndexName: 'by-group',
        KeyConditionExpression: 'g = :g',
        ExpressionAttributeValues: { ':g': 'ready' },
      });
      return (await documentClient.send(query)).Items;
    };
    await documentClient.send(new PutCommand({ TableName, Item: { pk: 'b', g: 'ready', h: '2', content: 'x' } }));
    await documentClient.send(new PutCommand({ TableName, Item: { pk: 'a', g: 'ready', h: '1', content: 'x' } }));
    await documentClient.send(new PutCommand({ TableName, Item: { pk: 'c', content: 'x' } }));
    expect(await members()).toEqual([
      { pk: 'a', g: 'ready', h: '1' },
      { pk: 'b', g: 'ready', h: '2' },
    ]);

    await documentClient.send(new UpdateCommand({ TableName, Key: { pk: 'a' }, UpdateExpression: 'REMOVE g, h' }));
    expect(await members()).toEqual([{ pk: 'b', g: 'ready', h: '2' }]);
  });
});

describeOnEngine('streams', createItemsTable, (context) => {
  test('every change is in the stream, in order, with the images before and after', async () => {
    await put(context, { pk: 'task', status: 'pending' });
    await put(context, { pk: 'task', status: 'running' });

    const records = await readStream(context, 2);
    expect(records.map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY']);
    expect(records.map(({ dynamodb }) => dynamodb?.OldImage?.['status']?.S)).toEqual([undefined, 'pending']);
    expect(records.map(({ dynamodb }) => dynamodb?.NewImage?.['status']?.S)).toEqual(['pending', 'running']);
  });

  test('a consumer that remembers its position misses nothing when records it has read are trimmed', async () => {
    const { engine, tables } = context;
    await put(context, { pk: 'read' });
    await put(context, { pk: 'read too' });
    const last = (await readStream(context, 2)).at(-1)?.dynamodb?.SequenceNumber ?? '';

    engine.trimStream(tables.name, last);
    await put(context, { pk: 'new' });

    const records = await readStream(context, 1, last);
    expect(records.map(({ dynamodb }) => dynamodb?.Keys?.['pk']?.S)).toEqual(['new']);
  });

  test('records can be trimmed while others are written', async () => {
    const { engine, tables } = context;
    await put(context, { pk: 'first' });
    const [first] = await readStream(context, 1);

    const writes = Array.from({ length: 64 }, async (_, number) => {
      await put(context, { pk: `item-${number}` });
      engine.trimStream(tables.name, first?.dynamodb?.SequenceNumber ?? '');
    });
    await Promise.all(writes);

    expect(await readStream(context, 64, first?.dynamodb?.SequenceNumber)).toHaveLength(64);
  });
});

describeEngine('a killed process', (kind) => {
  test('leaves no engine running and loses nothing that was written', async ({ onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-killed-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const parent = spawn(process.execPath, [parentScript, kind, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await within(once(parent.stdout, 'data'), () => `${kind} to start`)) as [Buffer];
    const killed = JSON.parse(line.toString()) as { pid: number } & DynamoDbAddress;
    const before = new DynamoDBClient(engineClientSettings(killed));
    const table = await createItemsTable(before, '');
    await before.send(new PutItemCommand({ TableName: table.name, Item: { pk: { S: 'kept' } } }));

    parent.kill('SIGKILL');
    const engine = await startDynamoDb({ kind, folder });
    onTestFinished(() => engine.stop());

    expect(() => process.kill(killed.pid, 0)).toThrow('ESRCH');
    const after = new DynamoDBClient(engineClientSettings(engine));
    const { Item } = await after.send(new GetItemCommand({ TableName: table.name, Key: { pk: { S: 'kept' } } }));
    expect(Item).toEqual({ pk: { S: 'kept' } });
  });
});

describe('choosing an engine', () => {
  test("refuses to open one engine's data with another", async ({ onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-other-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'shared-local-instance.db'), '');
    await expect(startDynamoDb({ kind: 'dynoxide', folder })).rejects.toThrow(
      `The data in ${folder} was written by dynamodb-local, which dynoxide cannot read. Set MUSTER_DYNAMODB=dynamodb-local`,
    );
  });

  test('refuses an unknown name and lists the known ones', async () => {
    vi.stubEnv('MUSTER_DYNAMODB', 'postgres');
    await expect(startDynamoDb()).rejects.toThrow(
      'MUSTER_DYNAMODB is "postgres". Set it to dynoxide or dynamodb-local',
    );
    vi.unstubAllEnvs();
  });
});

const parentScript = fileURLToPath(new URL('../support/engine-parent.ts', import.meta.url));

function put({ documentClient, tables }: EngineContext<ItemsTable>, Item: Record<string, string>) {
  return documentClient.send(new PutCommand({ TableName: tables.name, Item }));
}

/** Reads this many records of a stream, after a sequence number or from its beginning. */
async function readStream({ edge, tables }: EngineContext<ItemsTable>, count: number, after?: string) {
  const streams = new DynamoDBStreamsClient(clientOf(edge));
  const StreamArn = tables.streamArn;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const [shard] = StreamDescription?.Shards ?? [];
  const start: Pick<GetShardIteratorInput, 'ShardIteratorType' | 'SequenceNumber'> =
    after === undefined
      ? { ShardIteratorType: 'TRIM_HORIZON' }
      : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after };
  let { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({ StreamArn, ShardId: shard?.ShardId, ...start }),
  );
  const records: StreamRecord[] = [];
  const wait = patience(() => `${count} records, of which there are ${records.length}`);
  while (records.length < count && ShardIterator !== undefined) {
    wait();
    const read: GetRecordsOutput = await streams.send(new GetRecordsCommand({ ShardIterator }));
    records.push(...(read.Records ?? []));
    ShardIterator = read.NextShardIterator;
  }
  return records;
}
