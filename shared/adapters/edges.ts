import { times, type Settings } from '../domain/settings.ts';
import type { Edge } from '../domain/edge.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { Clock, DependencyState, Page } from '../ports.ts';
import { ttlAttribute } from '../schema.ts';
import { condition } from './conditions.ts';
import { edgeKey, edgePrefix, taskKey } from './item-keys.ts';
import { toEdge } from './item-readers.ts';
import type { Table, Written } from './table.ts';
import { isExpired, toTaskRecord, type Item } from './task-item.ts';

const isThisChild = 'attribute_exists(#status) AND #bodyHash = :bodyHash';
const isNotCreatedYet = 'attribute_not_exists(#status) AND (attribute_not_exists(#bodyHash) OR #bodyHash = :bodyHash)';

/** A met dependency stays met: a late release must not undo it. */
const isNotMet = 'NOT contains(#done, :number)';

const stateExpressions: Record<DependencyState, string> = {
  met: 'ADD #done :ordinal DELETE #failed :ordinal',
  failed: 'ADD #failed :ordinal',
  unfailed: 'DELETE #failed :ordinal',
};

const edgesPerPage = 500;

/** A child is written in the same request as its edges; if it was not written within this time, it was refused. */
const placeholderLifeMs = 24 * 3600 * 1000;

/** The edges between tasks. They are in the base table and read consistently: an index could miss one. */
export class TaskEdges {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #settings: Settings;

  constructor(table: Table, clock: Clock, settings: Settings) {
    this.#table = table;
    this.#clock = clock;
    this.#settings = settings;
  }

  async putEdges(edges: readonly Edge[], createdAt: number): Promise<void> {
    const ttl = Math.ceil((createdAt + times.maxAgeMs + this.#settings.retentionMs) / 1000);
    const items = edges.map(({ parentId, childId, childHash, ...rest }) => ({
      ...edgeKey(parentId, childId, childHash),
      ...rest,
      [ttlAttribute]: ttl,
    }));
    await this.#table.putMany(items);
  }

  async edges(
    parentId: string,
    cursor: string | undefined,
    { limit = edgesPerPage, consistent = true }: { limit?: number; consistent?: boolean } = {},
  ): Promise<Page<Edge>> {
    const page = await this.#table.page(taskKey(parentId).pk, { prefix: edgePrefix, consistent, limit, cursor });
    const now = this.#clock.now();
    return { ...page, items: page.items.filter((item) => !isExpired(item, now)).map(toEdge) };
  }

  async recordDependency(edge: Edge, how: DependencyState, now: number): Promise<TaskRecord | undefined> {
    const known = await this.#update(edge, how, '', isThisChild, {});
    const child = toTaskRecord(known.item, now);
    if (child) return child.bodyHash === edge.childHash ? child : undefined;

    const ttl = Math.ceil((now + placeholderLifeMs) / 1000);
    const alsoSet = 'SET #bodyHash = :bodyHash, #ttl = :ttl';
    const placeholder = await this.#update(edge, how, alsoSet, isNotCreatedYet, { ':ttl': ttl });
    const hasCome = !placeholder.written && toTaskRecord(placeholder.item, now) !== undefined;
    return hasCome ? this.recordDependency(edge, how, now) : undefined;
  }

  #update(edge: Edge, how: DependencyState, also: string, child: string, values: Item): Promise<Written> {
    const expression = `${also} ${stateExpressions[how]}`;
    const when = how === 'failed' ? `${child} AND ${isNotMet}` : child;
    const { names } = condition(`${when} ${expression}`, {});
    return this.#table.update({
      Key: taskKey(edge.childId),
      UpdateExpression: expression,
      ConditionExpression: when,
      ExpressionAttributeNames: { ...names, ...(expression.includes('#ttl') && { '#ttl': ttlAttribute }) },
      ExpressionAttributeValues: {
        ':ordinal': new Set([edge.ordinal]),
        ':bodyHash': edge.childHash,
        ...(how === 'failed' && { ':number': edge.ordinal }),
        ...values,
      },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
  }
}
