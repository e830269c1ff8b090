import { beforeAll, expect, test } from 'vitest';
import { allOf, synthesize, type Resource } from './synthesize.ts';

let tables: Record<string, Resource['Properties']>;
beforeAll(async () => {
  tables = allOf(await synthesize(), 'AWS::DynamoDB::Table');
});

const keys = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: 'HASH' },
  { AttributeName: range, KeyType: 'RANGE' },
];

test('both tables are on demand, recoverable to any second and expire items by TTL', () => {
  expect(Object.keys(tables)).toEqual(['StorageTasks', 'StorageAgents']);
  for (const table of Object.values(tables)) {
    expect(table).toMatchObject({
      KeySchema: keys('pk', 'sk'),
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
  }
});

test('task changes are streamed with both images, agent changes are not', () => {
  expect(tables.StorageTasks?.StreamSpecification).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
  expect(tables.StorageAgents?.StreamSpecification).toBeUndefined();
});

test('the indexes hold only keys, so that a write that changes no index key costs nothing there', () => {
  expect(tables.StorageTasks?.GlobalSecondaryIndexes).toEqual([
    { IndexName: 'work', KeySchema: keys('g', 'h'), Projection: { ProjectionType: 'KEYS_ONLY' } },
    { IndexName: 'by-agent', KeySchema: keys('a', 'h'), Projection: { ProjectionType: 'KEYS_ONLY' } },
  ]);
  expect(tables.StorageAgents?.GlobalSecondaryIndexes).toBeUndefined();
});
