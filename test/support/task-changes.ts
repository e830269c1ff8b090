import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { callEdge } from '#local/edge/call-edge.ts';
import { toStreamRecord, type WireRecord } from '#local/sources/stream-event.ts';
import { taskChange } from '#shared/adapters/task-stream.ts';
import type { EngineContext } from './dynamodb.ts';
import type { MusterTables } from './muster-tables.ts';
import { patience } from './patience.ts';

export type TaskChanges = ReturnType<typeof taskChange>[];

interface Description {
  StreamDescription: { Shards: { ShardId: string }[] };
}

interface Page {
  Records: (WireRecord & Pick<DynamoDBRecord, 'dynamodb'>)[];
  NextShardIterator?: string | null;
}

/** Reads the stream of the tasks table from its beginning until it has delivered this many task changes. */
export async function taskChanges(context: EngineContext<MusterTables>, count: number): Promise<TaskChanges> {
  return (await taskRecords(context, count)).map(taskChange);
}

/** All task changes in the stream so far. */
export async function allTaskChanges(context: EngineContext<MusterTables>): Promise<TaskChanges> {
  return (await taskRecords(context, Infinity)).map(taskChange);
}

/** The same as stream records: this many, or all. */
export async function taskRecords(
  { client, edge, tables }: EngineContext<MusterTables>,
  count: number,
): Promise<DynamoDBRecord[]> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tables.tasks }));
  const StreamArn = Table?.LatestStreamArn;
  const call = <Answer>(action: string, request: object) =>
    callEdge<Answer>(edge, 'Test', `DynamoDBStreams_20120810.${action}`, request);
  const { StreamDescription } = await call<Description>('DescribeStream', { StreamArn });
  const ShardId = StreamDescription.Shards[0]?.ShardId;
  const start = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  let { ShardIterator } = await call<{ ShardIterator: string | null | undefined }>('GetShardIterator', start);
  const records: DynamoDBRecord[] = [];
  const wait = patience(() => `${count} records of tasks, of which there are ${records.length}`);
  while (records.length < count && typeof ShardIterator === 'string') {
    wait();
    const read: Page = await call<Page>('GetRecords', { ShardIterator });
    const ofTasks = read.Records.filter(({ dynamodb }) => dynamodb?.Keys?.['sk']?.S === 'T');
    records.push(...ofTasks.map((record) => toStreamRecord(record, StreamArn ?? '', 0) as unknown as DynamoDBRecord));
    if (count === Infinity && read.Records.length === 0) break;
    ShardIterator = read.NextShardIterator;
  }
  return records;
}
