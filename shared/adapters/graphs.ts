import { gzipSync } from 'node:zlib';
import { sortable } from '../domain/lane.ts';
import type { GraphDecision } from '../domain/graph-decision.ts';
import { times, type Settings } from '../domain/settings.ts';
import type { Clock, GraphHead, GraphRecord, Graphs } from '../ports.ts';
import { ttlAttribute, workIndex } from '../schema.ts';
import { decidedGraphs, graphKey, graphTasksKey, idOf, timeAndId, unwrittenGraphs } from './item-keys.ts';
import { toGraph, toGraphHead } from './item-readers.ts';
import type { Table } from './table.ts';
import { isExpired } from './task-item.ts';

const isNewGraph = 'attribute_not_exists(pk) OR #ttl <= :now';
const isCommitted = 'attribute_exists(pk)';
const isUndecided = 'attribute_not_exists(decided)';
const isLastDecision = 'decided = :decided';
const hasNoDecision = 'attribute_not_exists(decision)';
const hasDecision = 'attribute_exists(decision)';

/**
 * The port Graphs on the tasks table. A graph is one small item, whose put is the commit and which stays in the index until
 * all its tasks are written; beside it lie its tasks, packed: they repeat much, and every kilobyte is billed.
 */
export class DynamoDbGraphs implements Graphs {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #settings: Settings;

  constructor(table: Table, clock: Clock, settings: Settings) {
    this.#table = table;
    this.#clock = clock;
    this.#settings = settings;
  }

  async putTasks({ id, bodyHash, createdAt, tasks }: GraphRecord): Promise<void> {
    const body = gzipSync(JSON.stringify(tasks));
    await this.#table.put({
      Item: { ...graphTasksKey(id, bodyHash), body, [ttlAttribute]: this.#expiresAt(createdAt) },
    });
  }

  async commit({ id, bodyHash, createdAt }: GraphRecord): Promise<{ graph: GraphHead; isNew: boolean }> {
    const { written, item } = await this.#table.put({
      Item: {
        ...graphKey(id),
        bodyHash,
        createdAt,
        [workIndex.partition]: unwrittenGraphs,
        [workIndex.sort]: timeAndId(createdAt, id),
        [ttlAttribute]: this.#expiresAt(createdAt),
      },
      ConditionExpression: isNewGraph,
      ExpressionAttributeNames: { '#ttl': ttlAttribute },
      ExpressionAttributeValues: { ':now': Math.floor(this.#clock.now() / 1000) },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    if (written) return { graph: { id, bodyHash, createdAt, isWritten: false, decided: 0 }, isNew: true };
    if (!item) throw new Error(`Graph ${id} was neither written nor found.`);
    return { graph: toGraphHead(item), isNew: false };
  }

  async head(id: string): Promise<GraphHead | undefined> {
    const item = await this.#table.get(graphKey(id));
    return item && !isExpired(item, this.#clock.now()) ? toGraphHead(item) : undefined;
  }

  async get(id: string): Promise<GraphRecord | undefined> {
    const { pk, sk } = graphKey(id);
    const items = await this.#table.all(pk, { consistent: true });
    const head = items.find((item) => item['sk'] === sk);
    return head && !isExpired(head, this.#clock.now()) ? toGraph(head, items) : undefined;
  }

  async markWritten(id: string): Promise<void> {
    const { partition } = workIndex;
    const { written } = await this.#update(id, {
      UpdateExpression: 'REMOVE #partition',
      ConditionExpression: `${isCommitted} AND ${hasNoDecision}`,
      ExpressionAttributeNames: { '#partition': partition },
    });
    if (written) return;
    await this.#update(id, {
      UpdateExpression: 'SET #partition = :decidedGraphs',
      ConditionExpression: hasDecision,
      ExpressionAttributeNames: { '#partition': partition },
      ExpressionAttributeValues: { ':decidedGraphs': decidedGraphs },
    });
  }

  async decide({ id, createdAt, decided }: GraphHead, decision: GraphDecision): Promise<boolean> {
    const isFirst = decided === 0;
    const { written } = await this.#update(id, {
      UpdateExpression:
        'SET decision = :decision, decided = :number, #partition = if_not_exists(#partition, :decidedGraphs), #sort = :sort',
      ConditionExpression: isFirst ? `${isCommitted} AND ${isUndecided}` : isLastDecision,
      ExpressionAttributeNames: { '#partition': workIndex.partition, '#sort': workIndex.sort },
      ExpressionAttributeValues: {
        ':decision': decision,
        ':number': decision.number,
        ':decidedGraphs': decidedGraphs,
        ':sort': timeAndId(createdAt, id),
        ...(!isFirst && { ':decided': decided }),
      },
    });
    return written;
  }

  async endDecision(id: string, number: number): Promise<void> {
    await this.#update(id, {
      UpdateExpression: 'REMOVE decision, #partition',
      ConditionExpression: isLastDecision,
      ExpressionAttributeNames: { '#partition': workIndex.partition },
      ExpressionAttributeValues: { ':decided': number },
    });
  }

  async unfinished(before: number, limit: number): Promise<string[]> {
    const lists = await Promise.all(
      [unwrittenGraphs, decidedGraphs].map((partition) =>
        this.#table.query({
          IndexName: workIndex.name,
          KeyConditionExpression: '#partition = :partition AND #sort < :before',
          ExpressionAttributeNames: { '#partition': workIndex.partition, '#sort': workIndex.sort },
          ExpressionAttributeValues: { ':partition': partition, ':before': sortable(before) },
          Limit: limit,
        }),
      ),
    );
    return lists.flat().map((item) => idOf(String(item['pk'])));
  }

  #update(id: string, update: Omit<Parameters<Table['update']>[0], 'Key'>) {
    return this.#table.update({ Key: graphKey(id), ...update });
  }

  #expiresAt(from: number): number {
    return Math.ceil((from + times.maxAgeMs + this.#settings.retentionMs) / 1000);
  }
}
