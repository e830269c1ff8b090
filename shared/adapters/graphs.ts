import { gzipSync } from 'node:zlib';
import { sortable } from '../domain/lane.ts';
import { times, type Settings } from '../domain/settings.ts';
import type { Clock, GraphRecord, Graphs } from '../ports.ts';
import { ttlAttribute, workIndex } from '../schema.ts';
import { timeAndId, graphKey, idOf, openGraphKey, openGraphs } from './item-keys.ts';
import { toGraph } from './item-readers.ts';
import type { Table } from './table.ts';
import { isExpired } from './task-item.ts';

const isNewGraph = 'attribute_not_exists(pk)';
const isNotClosed = 'attribute_not_exists(#closed)';

/** The port Graphs on the tasks table. A graph is packed: it repeats much, and every kilobyte is billed. */
export class DynamoDbGraphs implements Graphs {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #settings: Settings;

  constructor(table: Table, clock: Clock, settings: Settings) {
    this.#table = table;
    this.#clock = clock;
    this.#settings = settings;
  }

  async open(id: string, now: number): Promise<void> {
    await this.#table.update({
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
        ':ttl': this.#expiresAt(now),
      },
    });
  }

  async commit(graph: GraphRecord): Promise<GraphRecord> {
    const { id, createdAt, ...rest } = graph;
    const body = gzipSync(JSON.stringify(rest));
    const { written } = await this.#table.put({
      Item: { ...graphKey(id), createdAt, body, [ttlAttribute]: this.#expiresAt(createdAt) },
      ConditionExpression: isNewGraph,
    });
    const existing = written ? graph : await this.get(id);
    if (!existing) throw new Error(`Graph ${id} was neither written nor found.`);
    return existing;
  }

  async get(id: string): Promise<GraphRecord | undefined> {
    const item = await this.#table.get(graphKey(id));
    return item && !isExpired(item, this.#clock.now()) ? toGraph(item) : undefined;
  }

  async close(id: string): Promise<void> {
    await this.#table.update({
      Key: openGraphKey(id),
      UpdateExpression: 'SET #closed = :true REMOVE #partition, #sort',
      ExpressionAttributeNames: { '#partition': workIndex.partition, '#sort': workIndex.sort, '#closed': 'closed' },
      ExpressionAttributeValues: { ':true': true },
    });
  }

  async isClosed(id: string): Promise<boolean> {
    const item = await this.#table.get(openGraphKey(id));
    return item?.['closed'] === true;
  }

  async stillOpen(before: number, limit: number): Promise<{ id: string; openedAt: number }[]> {
    const items = await this.#table.query({
      IndexName: workIndex.name,
      KeyConditionExpression: '#partition = :partition AND #sort < :before',
      ExpressionAttributeNames: { '#partition': workIndex.partition, '#sort': workIndex.sort },
      ExpressionAttributeValues: { ':partition': openGraphs, ':before': sortable(before) },
      Limit: limit,
    });
    return items.map((item) => ({
      id: idOf(String(item['pk'])),
      openedAt: Number.parseInt(String(item[workIndex.sort]), 36),
    }));
  }

  #expiresAt(from: number): number {
    return Math.ceil((from + times.maxAgeMs + this.#settings.retentionMs) / 1000);
  }
}
