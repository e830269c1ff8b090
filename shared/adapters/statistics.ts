import { isDeepStrictEqual } from 'node:util';
import {
  countChange,
  countOpen,
  everyTask,
  isCounted,
  noCounts,
  noOpenCounts,
  openTasksBy,
  type QueueCounters,
} from '../domain/statistics.ts';
import { isEnded } from '../domain/task.ts';
import type { Clock, CountedBatch, Statistics } from '../ports.ts';
import { checkpointMove, countedAt, dropExpired, shardLifeMs, uncountedOf } from './checkpoints.ts';
import { poisonKey, statisticsKey } from './item-keys.ts';
import { toCountRules, toCounts, type CountRules } from './item-readers.ts';
import { nextName } from './recounts.ts';
import { ttlAttribute } from '../schema.ts';
import type { Table } from './table.ts';
import type { Item } from './task-item.ts';

const isNeverRecounted = 'attribute_not_exists(recount)';
const isRecountedAsKnown = 'recount = :recount';
const isNoRecountUnderWay = 'attribute_not_exists(nextRecount)';
const isThisRecountUnderWay = 'nextRecount = :nextRecount';

const isThisHourWithRoom = '#hour = :hour AND #count < :max';
const isNewHour = 'attribute_not_exists(#hour) OR #hour < :hour';

/** Records that a shard may lose to the dead-letter queue in an hour. */
const maxPoisonPerHour = 5;
const hourMs = 3600 * 1000;

/** How long a count of the open tasks is used again. Half of what may be open is not created within the longer time. */
const [nearMs, farMs] = [1000, 30_000];

interface OpenTasks {
  count: Promise<number | undefined>;
  /** Until then it is used again. */
  until: number;
}

/** The port Statistics: one item with the counters and, for each shard of the stream, the checkpoint up to which they count. */
export class DynamoDbStatistics implements Statistics {
  readonly #table: Table;
  readonly #clock: Clock;
  /** As they were when this process last counted. */
  #rules: CountRules = { current: everyTask, next: undefined };

  #open: OpenTasks | undefined;

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  async add(batch: CountedBatch): Promise<QueueCounters | undefined> {
    const { changes } = batch;
    if (changes.length === 0) return undefined;
    const { current, next } = this.#rules;
    const changed = Object.entries(addedBy(changes, this.#rules)).filter(([, by]) => by !== 0);
    const move = checkpointMove(batch, this.#clock.now());
    const adding = changed.length > 0 ? ` ADD ${changed.map(([name]) => `#${name} :${name}`).join(', ')}` : '';
    const { written, item } = await this.#table.update({
      Key: statisticsKey,
      UpdateExpression: `SET ${move.set}${adding}`,
      ConditionExpression: [
        move.isNotCountedYet,
        // Their numbers ascend: while this one is under way, the one that has ended is that before it.
        ...(next
          ? [isThisRecountUnderWay]
          : [isNoRecountUnderWay, current.recount === 0 ? isNeverRecounted : isRecountedAsKnown]),
      ].join(' AND '),
      ExpressionAttributeNames: {
        ...move.names,
        ...Object.fromEntries(changed.map(([name]) => [`#${name}`, name])),
      },
      ExpressionAttributeValues: {
        ...move.values,
        ...(next ? { ':nextRecount': next.recount } : current.recount > 0 && { ':recount': current.recount }),
        ...Object.fromEntries(changed.map(([name, by]) => [`:${name}`, by])),
      },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    if (written) return toCounts(item ?? {});
    const known = this.#rules;
    this.#rules = toCountRules(item ?? {});
    // A recount has begun or ended since this process last counted.
    if (!isDeepStrictEqual(known, this.#rules)) return this.add(batch);
    const open = uncountedOf(batch, item ?? {});
    return open.length < changes.length ? this.add({ ...batch, changes: open }) : undefined;
  }

  uncounted(changes: CountedBatch['changes']): { ids: string[]; recount: number } {
    const rule = this.#rules.next ?? this.#rules.current;
    const last = new Map(changes.flatMap(({ after }) => (after ? [[after.id, after]] : [])));
    const open = [...last.values()].filter((task) => !isEnded(task) && !isCounted(task, rule));
    return { ids: open.map(({ id }) => id), recount: rule.recount };
  }

  async queue(): Promise<QueueCounters> {
    return toCounts(await this.#read());
  }

  openTasks(near: number): Promise<number | undefined> {
    const now = this.#clock.now();
    if (this.#open && now < this.#open.until) return this.#open.count;
    const open: OpenTasks = { until: now + nearMs, count: this.#countOpen(now) };
    this.#open = open;
    open.count.then(
      (count) => {
        if (count !== undefined && count < near / 2) open.until = now + farMs;
      },
      () => {
        open.until = now;
      },
    );
    return open.count;
  }

  async #countOpen(now: number): Promise<number | undefined> {
    const item = await this.#read();
    return openTasksBy(toCounts(item), countedAt(item), now);
  }

  async prune(now: number): Promise<void> {
    await dropExpired(this.#table, statisticsKey, await this.#read(), now);
  }

  async admitPoison(shardId: string, now: number): Promise<boolean> {
    const hour = Math.floor(now / hourMs);
    const count = (expression: string, condition: string, values: Item) =>
      this.#table.update({
        Key: poisonKey(shardId),
        UpdateExpression: `${expression}, #ttl = :ttl`,
        ConditionExpression: condition,
        ExpressionAttributeNames: { '#hour': 'hour', '#count': 'count', '#ttl': ttlAttribute },
        ExpressionAttributeValues: {
          ':hour': hour,
          ':one': 1,
          ':ttl': Math.ceil((now + shardLifeMs) / 1000),
          ...values,
        },
      });
    const more = { ':max': maxPoisonPerHour };
    if ((await count('SET #count = #count + :one', isThisHourWithRoom, more)).written) return true;
    return (await count('SET #hour = :hour, #count = :one', isNewHour, {})).written;
  }

  /** As it was a moment ago: nothing depends on the last change. */
  async #read(): Promise<Item> {
    return (await this.#table.get(statisticsKey, false)) ?? {};
  }
}

/** What changes add to each attribute: to the counts, and to those that a recount under way is building. */
function addedBy(changes: CountedBatch['changes'], { current, next }: CountRules): Record<string, number> {
  const counts = noCounts();
  for (const { before, after } of changes) countChange(counts, before, after, current);
  if (!next) return { ...counts };
  const open = noOpenCounts();
  for (const { before, after } of changes) countOpen(open, before, after, next);
  const marked = changes.filter(
    ({ before, after }) => before && after && !isEnded(after) && isCounted(after, next) && !isCounted(before, next),
  );
  const renamed = Object.entries(open).map(([name, by]) => [nextName(name), by]);
  return { ...counts, ...(Object.fromEntries(renamed) as Record<string, number>), nextMarked: marked.length };
}
