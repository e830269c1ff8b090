import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { times, type Settings } from '../domain/settings.ts';
import type { Edge, TaskRecord } from '../domain/task.ts';
import type { Clock, DependencyState, Tasks } from '../ports.ts';
import { ttlAttribute } from '../schema.ts';
import { condition } from './conditions.ts';
import { conditionally, writeItems, type Documents } from './dynamodb.ts';
import { edgeKey, edgePrefix, idOf, taskKey } from './item-keys.ts';
import { isExpired, toTaskRecord, type Item } from './task-item.ts';

const isThisChild = 'attribute_exists(#status) AND #bodyHash = :bodyHash';
const isToCome = 'attribute_not_exists(#status) AND (attribute_not_exists(#bodyHash) OR #bodyHash = :bodyHash)';

/** What is met stays met: a release that was late must not undo it. */
const isNotMet = 'NOT contains(#done, :number)';

const stateExpressions: Record<DependencyState, string> = {
  met: 'ADD #done :ordinal DELETE #failed :ordinal',
  failed: 'ADD #failed :ordinal',
  unfailed: 'DELETE #failed :ordinal',
};

const edgesPerPage = 500;

/** A child is written within a request of its edges; what it left unwritten for longer was refused. */
const placeholderLifeMs = 24 * 3600 * 1000;

/** The edges between tasks. They live in the base table and are read consistently: an index could miss one. */
export function edgesOn(
  client: Documents,
  table: string,
  clock: Clock,
  settings: Settings,
): Pick<Tasks, 'putEdges' | 'hasDependents' | 'edges' | 'recordDependency'> {
  const update = (edge: Edge, how: DependencyState, also: string, child: string, values: Item) => {
    const expression = `${also} ${stateExpressions[how]}`;
    const when = how === 'failed' ? `${child} AND ${isNotMet}` : child;
    const { names } = condition(`${when} ${expression}`, {});
    return conditionally(() =>
      client.send(
        new UpdateCommand({
          TableName: table,
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
        }),
      ),
    );
  };

  async function recordDependency(edge: Edge, how: DependencyState, now: number): Promise<TaskRecord | undefined> {
    const known = await update(edge, how, '', isThisChild, {});
    const child = toTaskRecord(known.item, now);
    if (child) return child.bodyHash === edge.childHash ? child : undefined;

    const ttl = Math.ceil((now + placeholderLifeMs) / 1000);
    const placeholder = await update(edge, how, 'SET #bodyHash = :bodyHash, #ttl = :ttl', isToCome, { ':ttl': ttl });
    return !placeholder.written && toTaskRecord(placeholder.item, now) ? recordDependency(edge, how, now) : undefined;
  }

  function query(parentId: string, limit: number, after?: string) {
    const { pk } = taskKey(parentId);
    return client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :edges)',
        ExpressionAttributeValues: { ':pk': pk, ':edges': edgePrefix },
        Limit: limit,
        ...(after !== undefined && { ExclusiveStartKey: { pk, sk: after } }),
      }),
    );
  }

  return {
    async putEdges(edges, createdAt) {
      const ttl = Math.ceil((createdAt + times.maxAgeMs + settings.retentionMs) / 1000);
      await writeItems(
        client,
        table,
        edges.map(({ parentId, childId, childHash, ...rest }) => ({
          put: { ...edgeKey(parentId, childId, childHash), ...rest, [ttlAttribute]: ttl },
        })),
      );
    },

    async hasDependents(id) {
      return ((await query(id, 1)).Items ?? []).length > 0;
    },

    async edges(parentId, cursor) {
      const answer = await query(parentId, edgesPerPage, cursor);
      const last = answer.LastEvaluatedKey?.['sk'] as string | undefined;
      return {
        items: (answer.Items ?? []).filter((item) => !isExpired(item, clock.now())).map(toEdge),
        ...(last !== undefined && { cursor: last }),
      };
    },

    recordDependency,
  };
}

function toEdge(item: Item): Edge {
  const { pk, sk, [ttlAttribute]: _expiry, ...rest } = item;
  const [, childId, childHash] = String(sk).split('#');
  return { ...rest, parentId: idOf(String(pk)), childId, childHash } as unknown as Edge;
}
