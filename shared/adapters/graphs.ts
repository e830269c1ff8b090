import { sortable } from '../domain/lane.ts';
import type { GraphDecision } from '../domain/graph-decision.ts';
import { times, type Settings } from '../domain/settings.ts';
import type { Clock, CountedBatch, GraphHead, GraphParts, GraphRecord, Graphs, ListedGraph, Page } from '../ports.ts';
import { agentIndex, ttlAttribute, workIndex } from '../schema.ts';
import { GraphCounts } from './graph-counts.ts';
import { packTasks } from './graph-tasks.ts';
import { allGraphs, decidedGraphs, graphKey, idOf, timeAndId, unwrittenGraphs } from './item-keys.ts';
import { toGraph, toGraphHead, toListedGraph } from './item-readers.ts';
import type { Table } from './table.ts';
import { isExpired } from './task-item.ts';

const isNewGraph = 'attribute_not_exists(pk) OR #ttl <= :now';
const isCommitted = 'attribute_exists(pk)';
const isUndecided = 'attribute_not_exists(decided)';
const isLastDecision = 'decided = :decided';
const hasNoDecision = 'attribute_not_exists(decision)';
const hasDecision = 'attribute_exists(decision)';

/**
 * The port Graphs on the tasks table. A graph has a small head item, whose put is the commit and which stays in the
 * index until all its tasks are written, and its tasks, in one item or in parts.
 */
export class DynamoDbGraphs implements Graphs {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #settings: Settings;
  readonly #counts: GraphCounts;

  constructor(table: Table, clock: Clock, settings: Settings) {
    this.#table = table;
    this.#clock = clock;
    this.#settings = settings;
    this.#counts = new GraphCounts(table, clock);
  }

  async putTasks(graph: GraphRecord): Promise<GraphParts | undefined> {
    const { parts, items } = packTasks(graph, this.#settings.graphPartBytes);
    const expiry = { [ttlAttribute]: this.#expiresAt(graph.createdAt) };
    await Promise.all(items.map((item) => this.#table.put({ Item: { ...item, ...expiry } })));
    return parts;
  }

  async commit(
    { id, bodyHash, createdAt, title, total }: GraphRecord,
    parts?: GraphParts,
  ): Promise<{ graph: GraphHead; isNew: boolean }> {
    const { written, item } = await this.#table.put({
      Item: {
        ...graphKey(id),
        bodyHash,
        createdAt,
        title,
        total,
        ...(parts && { parts }),
        [agentIndex.partition]: allGraphs,
        [workIndex.partition]: unwrittenGraphs,
        [workIndex.sort]: timeAndId(createdAt, id),
        [ttlAttribute]: this.#expiresAt(createdAt),
      },
      ConditionExpression: isNewGraph,
      ExpressionAttributeNames: { '#ttl': ttlAttribute },
      ExpressionAttributeValues: { ':now': Math.floor(this.#clock.now() / 1000) },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    if (written) return { graph: { id, bodyHash, createdAt, title, total, isWritten: false, decided: 0 }, isNew: true };
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

  count(batch: CountedBatch): Promise<void> {
    return this.#counts.add(batch);
  }

  async list(limit: number, cursor: string | undefined): Promise<Page<ListedGraph>> {
    const entries = await this.#table.query({
      IndexName: agentIndex.name,
      KeyConditionExpression: `#partition = :partition${cursor === undefined ? '' : ' AND #sort < :cursor'}`,
      ExpressionAttributeNames: {
        '#partition': agentIndex.partition,
        ...(cursor !== undefined && { '#sort': agentIndex.sort }),
      },
      ExpressionAttributeValues: { ':partition': allGraphs, ...(cursor !== undefined && { ':cursor': cursor }) },
      ScanIndexForward: false,
      Limit: limit,
    });
    const ids = entries.map((entry) => idOf(String(entry['pk'])));
    const heads = await this.#table.getMany(ids.map(graphKey), false);
    const found = new Map(heads.map((head) => [idOf(String(head['pk'])), head]));
    const now = this.#clock.now();
    const items = ids.map((id) => found.get(id)).filter((head) => head !== undefined);
    const last = entries.at(-1);
    const isLast = entries.length < limit || !last;
    return {
      items: items.filter((head) => !isExpired(head, now)).map(toListedGraph),
      ...(!isLast && { cursor: String(last[agentIndex.sort]) }),
    };
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
