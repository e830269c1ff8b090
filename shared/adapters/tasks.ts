import type { Status } from '../contract/nouns.ts';
import { times, type Settings } from '../domain/settings.ts';
import type { Edge } from '../domain/edge.ts';
import type { Payload, Report, TaskRecord } from '../domain/task.ts';
import { shows, type Change, type Transition } from '../domain/transition.ts';
import type { Clock, DependencyState, Lanes, Page, TaskCreation, Tasks, WriteOutcome } from '../ports.ts';
import { openStatuses, ttlAttribute } from '../schema.ts';
import { TaskBodies } from './bodies.ts';
import { condition, conditionOf, type Condition } from './conditions.ts';
import { TaskEdges } from './edges.ts';
import { idOf, taskKey } from './item-keys.ts';
import type { Table, Written } from './table.ts';
import { isExpired, isPastRetention, isPlaceholder, taskAttributes, toTaskRecord } from './task-item.ts';
import { itemOf, updateOf, type FieldsChange } from './update.ts';

const doesNotExist = 'attribute_not_exists(pk)';
const isNewTask = 'attribute_not_exists(#status)';
const isOfThisBody = '#bodyHash = :bodyHash';
const isOpenTask = `#status IN (${openStatuses.map((status) => `:${status}`).join(', ')})`;
const isNotMarkedYet = '(attribute_not_exists(#countedIn) OR #countedIn < :recount)';
const isPastItsRetention = '#ttl <= :now';

/** The port Tasks on the tasks table: the tasks themselves are handled here, bodies and edges in separate classes. */
export class DynamoDbTasks implements Tasks {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #settings: Settings;
  readonly #lanes: Pick<Lanes, 'use'>;
  readonly #bodies: TaskBodies;
  readonly #edges: TaskEdges;

  /** @param lanes ensures that a lane is active before a task is put into it */
  constructor(table: Table, clock: Clock, settings: Settings, lanes: Pick<Lanes, 'use'>) {
    this.#table = table;
    this.#lanes = lanes;
    this.#clock = clock;
    this.#settings = settings;
    this.#bodies = new TaskBodies(table, clock, settings);
    this.#edges = new TaskEdges(table, clock, settings);
  }

  async get(id: string): Promise<TaskRecord | undefined> {
    return toTaskRecord(await this.#table.get(taskKey(id)), this.#clock.now());
  }

  async getMany(ids: readonly string[], { consistent = false } = {}): Promise<TaskRecord[]> {
    const items = await this.#table.getMany(ids.map(taskKey), consistent);
    const now = this.#clock.now();
    const found = new Map(items.map((item) => [idOf(String(item['pk'])), toTaskRecord(item, now)]));
    return ids.map((id) => found.get(id)).filter((task) => task !== undefined);
  }

  async statuses(ids: readonly string[]): Promise<Map<string, Status>> {
    const items = await this.#table.getMany(ids.map(taskKey), true);
    const now = this.#clock.now();
    return new Map(
      items.flatMap((item) => {
        const status = item[taskAttributes.status] as Status | undefined;
        return status === undefined || isExpired(item, now) ? [] : [[idOf(String(item['pk'])), status] as const];
      }),
    );
  }

  async create(task: TaskCreation): Promise<WriteOutcome> {
    await this.#useLane(task.first);
    const { id, ...fields } = task.record;
    const { met = [], failed = [], set, ...first } = task.first;
    const all = { ...first, set: { ...fields, ...set }, met, failed };
    const item = itemOf(id, all, this.#settings.retentionMs);
    const put = await this.#table.put({
      Item: item,
      ConditionExpression: doesNotExist,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    if (put.written) return this.#outcome({ written: true, item });

    // The ttl of a placeholder is removed together with `endedAt`.
    const change = { ...all, clear: [...(first.clear ?? []), 'endedAt'] as const };
    const merging = condition(`${isNewTask} AND ${isOfThisBody}`, { ':bodyHash': fields.bodyHash });
    const created = isPlaceholder(put.item) ? await this.#update(id, change, merging) : put;
    if (created.written) return this.#outcome(created);

    // The placeholder was deleted in the meantime.
    if (created.item === undefined) return this.create(task);
    if (isPastRetention(created.item, this.#clock.now())) {
      await this.#removeExpired(id);
      return this.create(task);
    }
    if (toTaskRecord(created.item, this.#clock.now())) return this.#outcome(created);
    // A placeholder left by a body that was refused: its ordinals refer to other dependencies. Anything this loses is
    // found by the next check.
    const replacing = { ...change, set: { ...change.set, done: [...met], failed: [...failed] }, met: [], failed: [] };
    return this.#outcome(await this.#update(id, replacing, condition(isNewTask, {})));
  }

  async apply(id: string, transition: Transition): Promise<WriteOutcome> {
    const { guard, change } = transition;
    await this.#useLane(change);
    const outcome = this.#outcome(await this.#update(id, change, conditionOf(guard)));
    return outcome.task && !outcome.applied && shows(outcome.task, transition)
      ? { applied: true, task: outcome.task }
      : outcome;
  }

  async markCounted(id: string, recount: number): Promise<boolean> {
    const statuses = Object.fromEntries(openStatuses.map((status) => [`:${status}`, status]));
    const { names, values } = condition(`${isOpenTask} AND ${isNotMarkedYet}`, { ...statuses, ':recount': recount });
    const { written } = await this.#table.update({
      Key: taskKey(id),
      UpdateExpression: 'SET #countedIn = :recount',
      ConditionExpression: `${isOpenTask} AND ${isNotMarkedYet}`,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
    });
    return written;
  }

  putPayload(id: string, bodyHash: string, payload: Payload, createdAt: number): Promise<void> {
    return this.#bodies.putPayload(id, bodyHash, payload, createdAt);
  }

  putReport(id: string, report: Report): Promise<string> {
    return this.#bodies.putReport(id, report);
  }

  payloads(tasks: readonly TaskRecord[]): Promise<Map<string, Payload>> {
    return this.#bodies.payloads(tasks);
  }

  reports(tasks: readonly TaskRecord[]): Promise<Map<string, Report>> {
    return this.#bodies.reports(tasks);
  }

  putEdges(edges: readonly Edge[], createdAt: number): Promise<void> {
    return this.#edges.putEdges(edges, createdAt);
  }

  edges(...page: Parameters<Tasks['edges']>): Promise<Page<Edge>> {
    return this.#edges.edges(...page);
  }

  recordDependency(edge: Edge, state: DependencyState, now: number): Promise<TaskRecord | undefined> {
    return this.#edges.recordDependency(edge, state, now);
  }

  /** Nobody would find a task in an inactive lane. */
  async #useLane({ indexEntry }: Change): Promise<void> {
    if (indexEntry?.in !== 'lane') return;
    await this.#lanes.use({ key: indexEntry.lane, routing: indexEntry.routing });
  }

  #update(id: string, change: FieldsChange, when: Condition): Promise<Written> {
    return this.#table.update({
      Key: taskKey(id),
      ...updateOf(id, change, when, this.#settings.retentionMs),
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
  }

  #outcome({ written, item }: Written): WriteOutcome {
    const task = toTaskRecord(item, this.#clock.now());
    return written && task ? { applied: true, task } : { applied: false, task };
  }

  async #removeExpired(id: string): Promise<void> {
    await this.#table.delete({
      Key: taskKey(id),
      ConditionExpression: isPastItsRetention,
      ExpressionAttributeNames: { '#ttl': ttlAttribute },
      ExpressionAttributeValues: { ':now': Math.floor((this.#clock.now() + times.keptForDependentsMs) / 1000) },
    });
  }
}
