import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect } from 'vitest';
import { clientSettings } from '#local/edge/aws-client.ts';
import { deleteExpired } from '#local/storage/expiry.ts';
import { test } from '../support/running-template.ts';

const table = (properties: Record<string, unknown> = {}) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName: 'things',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
      { AttributeName: 'g', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-g',
        KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    ...properties,
  },
});

const key = (pk: string) => ({ pk: { S: pk }, sk: { S: 'x' } });

test('data survives a restart', async ({ tiny, run, data }) => {
  tiny.add({ Things: table() });
  const before = await run({ data });
  const writer = new DynamoDBClient(clientSettings(before.edge));
  await writer.send(new PutItemCommand({ TableName: 'things', Item: key('a') }));
  writer.destroy();
  await before.stop();

  const after = await run({ data });
  const reader = new DynamoDBClient(clientSettings(after.edge));
  const { Item } = await reader.send(new GetItemCommand({ TableName: 'things', Key: key('a') }));
  reader.destroy();
  expect(Item).toEqual(key('a'));
});

test('data of tables with a different definition is refused', async ({ tiny, run, data }) => {
  tiny.add({ Things: table() });
  await (await run({ data })).stop();
  tiny.add({
    Things: table({
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexes: undefined,
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    }),
  });
  await expect(run({ data })).rejects.toThrow(
    'The stored data was created by a different version of Muster: the table Things differs in its indexes, its attributes, its stream. ' +
      'Use that version, choose another folder with MUSTER_DATA, or remove the folder to start over.',
  );
});

test('items past their time to live are deleted, by the moved clock', async ({ tiny, run }) => {
  tiny.add({ Things: table() });
  const { clock, edge, engine, template } = await run();
  const client = new DynamoDBClient(clientSettings(edge));
  const inSeconds = (seconds: number) => ({ ttl: { N: String(Math.floor(clock.now() / 1000) + seconds) } });
  await client.send(new PutItemCommand({ TableName: 'things', Item: { ...key('soon'), ...inSeconds(60) } }));
  await client.send(new PutItemCommand({ TableName: 'things', Item: { ...key('later'), ...inSeconds(7_200) } }));
  await client.send(new PutItemCommand({ TableName: 'things', Item: key('never') }));
  const left = async () => {
    const names = ['soon', 'later', 'never'];
    const found = await Promise.all(
      names.map(async (name) => (await client.send(new GetItemCommand({ TableName: 'things', Key: key(name) }))).Item),
    );
    return names.filter((_, index) => found[index] !== undefined);
  };

  await deleteExpired(template, engine, clock.now());
  expect(await left()).toEqual(['soon', 'later', 'never']);
  await clock.advance('1h');
  await deleteExpired(template, engine, clock.now());
  expect(await left()).toEqual(['later', 'never']);
  client.destroy();
});
