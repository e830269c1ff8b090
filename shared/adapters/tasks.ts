import { DeleteCommand, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Settings } from '../domain/settings.ts';
import type { WriteOutcome, Clock, TaskCreation, Tasks } from '../ports.ts';
import { shows } from '../domain/transition.ts';
import { ttlAttribute } from '../schema.ts';
import { bodiesOn } from './bodies.ts';
import { condition, conditionOf } from './conditions.ts';
import { conditionally, getItems, type Documents, type Written } from './dynamodb.ts';
import { edgesOn } from './edges.ts';
import { idOf, taskKey } from './item-keys.ts';
import { isExpired, toTaskRecord } from './task-item.ts';
import { updateOf, type Update } from './update.ts';

const isNewTask = 'attribute_not_exists(#status)';
const hasNoOtherStub = '(attribute_not_exists(#bodyHash) OR #bodyHash = :bodyHash)';
const isPastItsRetention = '#ttl <= :now';

/** The port Tasks on the tasks table. */
export function tasksOn(client: Documents, table: string, clock: Clock, settings: Settings): Tasks {
  const update = (id: string, expressions: Update): Promise<Written> =>
    conditionally(() =>
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: taskKey(id),
          ...expressions,
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    );

  function applied({ written, item }: Written): WriteOutcome {
    const task = toTaskRecord(item, clock.now());
    return written && task ? { applied: true, task } : { applied: false, task };
  }

  async function create(task: TaskCreation): Promise<WriteOutcome> {
    const { id, ...fields } = task.record;
    const { met = [], failed = [], set, ...first } = task.first;
    // A placeholder has a ttl, which goes with `endedAt`.
    const change = { ...first, set: { ...fields, ...set }, clear: [...(first.clear ?? []), 'endedAt'] as const };
    const merging = condition(`${isNewTask} AND ${hasNoOtherStub}`, { ':bodyHash': fields.bodyHash });
    const created = await update(id, updateOf(id, { ...change, met, failed }, merging, settings.retentionMs));
    if (created.written || created.item === undefined) return applied(created);

    if (isExpired(created.item, clock.now())) {
      await removeExpired(id);
      return create(task);
    }
    if (toTaskRecord(created.item, clock.now())) return applied(created);
    // A placeholder left by a body that was refused: its ordinals mean other dependencies. What this loses, the next check finds.
    const replacing = { ...change, set: { ...change.set, done: [...met], failed: [...failed] } };
    return applied(await update(id, updateOf(id, replacing, condition(isNewTask, {}), settings.retentionMs)));
  }

  const removeExpired = (id: string) =>
    conditionally(() =>
      client.send(
        new DeleteCommand({
          TableName: table,
          Key: taskKey(id),
          ConditionExpression: isPastItsRetention,
          ExpressionAttributeNames: { '#ttl': ttlAttribute },
          ExpressionAttributeValues: { ':now': Math.floor(clock.now() / 1000) },
        }),
      ),
    );

  return {
    async get(id) {
      const answer = await client.send(new GetCommand({ TableName: table, Key: taskKey(id), ConsistentRead: true }));
      return toTaskRecord(answer.Item, clock.now());
    },

    async getMany(ids, { consistent = false } = {}) {
      const items = await getItems(client, table, ids.map(taskKey), consistent);
      const found = new Map(items.map((item) => [idOf(String(item['pk'])), toTaskRecord(item, clock.now())]));
      return ids.map((id) => found.get(id)).filter((task) => task !== undefined);
    },

    create,

    async apply(id, transition) {
      const { guard, change } = transition;
      const result = applied(await update(id, updateOf(id, change, conditionOf(guard), settings.retentionMs)));
      return result.task && !result.applied && shows(result.task, transition)
        ? { applied: true, task: result.task }
        : result;
    },

    ...bodiesOn(client, table, clock, settings),
    ...edgesOn(client, table, clock, settings),
  };
}
