import { gunzipSync, gzipSync } from 'node:zlib';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { sortable } from '../domain/lane.ts';
import { times, type Settings } from '../domain/settings.ts';
import type { Clock, GraphRecord, Graphs } from '../ports.ts';
import { ttlAttribute, workIndex } from '../schema.ts';
import { conditionally, type Documents } from './dynamodb.ts';
import { timeAndId, graphKey, idOf, openGraphKey, openGraphs } from './item-keys.ts';
import { isExpired, type Item } from './task-item.ts';

const isNewGraph = 'attribute_not_exists(pk)';
const isNotClosed = 'attribute_not_exists(#closed)';

/** The port Graphs on the tasks table. A graph is packed: it repeats much, and every kilobyte is billed. */
export function graphsOn(client: Documents, table: string, clock: Clock, settings: Settings): Graphs {
  const expiresAt = (from: number) => Math.ceil((from + times.maxAgeMs + settings.retentionMs) / 1000);

  async function get(id: string): Promise<GraphRecord | undefined> {
    const answer = await client.send(new GetCommand({ TableName: table, Key: graphKey(id), ConsistentRead: true }));
    return answer.Item && !isExpired(answer.Item, clock.now()) ? toGraph(answer.Item) : undefined;
  }

  return {
    async open(id, now) {
      await conditionally(() =>
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: openGraphKey(id),
            UpdateExpression: 'SET #partition = :partition, #sort = :sort, #ttl = :ttl',
            ConditionExpression: isNotClosed,
            ExpressionAttributeNames: {
              '#partition': workIndex.partition,
              '#sort': workIndex.sort,
              '#ttl': ttlAttribute,
              '#closed': 'closed',
            },
            ExpressionAttributeValues: {
              ':partition': openGraphs,
              ':sort': timeAndId(now, id),
              ':ttl': expiresAt(now),
            },
          }),
        ),
      );
    },

    async commit(graph) {
      const { id, createdAt, ...rest } = graph;
      const body = gzipSync(JSON.stringify(rest));
      const { written } = await conditionally(() =>
        client.send(
          new PutCommand({
            TableName: table,
            Item: { ...graphKey(id), createdAt, body, [ttlAttribute]: expiresAt(createdAt) },
            ConditionExpression: isNewGraph,
          }),
        ),
      );
      const existing = written ? graph : await get(id);
      if (!existing) throw new Error(`Graph ${id} was neither written nor found.`);
      return existing;
    },

    get,

    async close(id) {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: openGraphKey(id),
          UpdateExpression: 'SET #closed = :true REMOVE #partition, #sort',
          ExpressionAttributeNames: { '#partition': workIndex.partition, '#sort': workIndex.sort, '#closed': 'closed' },
          ExpressionAttributeValues: { ':true': true },
        }),
      );
    },

    async isClosed(id) {
      const answer = await client.send(
        new GetCommand({ TableName: table, Key: openGraphKey(id), ConsistentRead: true }),
      );
      return answer.Item?.['closed'] === true;
    },

    async stillOpen(before, limit) {
      const answer = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: workIndex.name,
          KeyConditionExpression: '#partition = :partition AND #sort < :before',
          ExpressionAttributeNames: { '#partition': workIndex.partition, '#sort': workIndex.sort },
          ExpressionAttributeValues: { ':partition': openGraphs, ':before': sortable(before) },
          Limit: limit,
        }),
      );
      return (answer.Items ?? []).map((item) => ({
        id: idOf(String(item['pk'])),
        openedAt: Number.parseInt(String(item[workIndex.sort]), 36),
      }));
    },
  };
}

function toGraph(item: Item): GraphRecord {
  const rest = JSON.parse(gunzipSync(item['body'] as Uint8Array).toString('utf8')) as Omit<
    GraphRecord,
    'id' | 'createdAt'
  >;
  return { ...rest, id: idOf(String(item['pk'])), createdAt: Number(item['createdAt']) };
}
