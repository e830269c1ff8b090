import { isDeepStrictEqual } from 'node:util';
import { minuteAt } from '../domain/minutes.ts';
import {
  countChange,
  countOpen,
  everyTask,
  isCounted,
  noCounts,
  noOpenCounts,
  type QueueCounters,
} from '../domain/statistics.ts';
import { isEnded } from '../domain/task.ts';
import type { Clock, CountedBatch, Counting } from '../ports.ts';
import { checkpointMove, uncountedOf } from './checkpoints.ts';
import { statisticsKey } from './item-keys.ts';
import { toCountRules, toCounts, type CountRules } from './item-readers.ts';
import { addedInMinute, isMinuteOpen, openMinute } from './minutes.ts';
import { nextName } from './recounts.ts';
import type { Table } from './table.ts';

const isNeverRecounted = 'attribute_not_exists(recount)';
const isRecountedAsKnown = 'recount = :recount';
const isNoRecountUnderWay = 'attribute_not_exists(nextRecount)';
const isThisRecountUnderWay = 'nextRecount = :nextRecount';

/** The port Counting: one item with the counters and a checkpoint for each stream shard. */
export class DynamoDbCounting implements Counting {
  readonly #table: Table;
  readonly #clock: Clock;
  /** As of this process's last count. */
  #rules: CountRules = { current: everyTask, next: undefined };

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  async add(batch: CountedBatch): Promise<QueueCounters | undefined> {
    const { changes } = batch;
    if (changes.length === 0) return undefined;
    const { current, next } = this.#rules;
    const now = this.#clock.now();
    const minute = minuteAt(now);
    const added = { ...addedBy(changes, this.#rules), ...addedInMinute(changes) };
    const changed = Object.entries(added).filter(([, by]) => by !== 0);
    const move = checkpointMove(batch, now);
    const { written, item } = await this.#table.update({
      Key: statisticsKey,
      UpdateExpression: `SET ${move.set} ADD ${changed.map(([name]) => `#${name} :${name}`).join(', ')}`,
      ConditionExpression: [
        move.isNotCountedYet,
        isMinuteOpen,
        // Recounts are numbered in order: during this one, the last that ended is its predecessor.
        ...(next
          ? [isThisRecountUnderWay]
          : [isNoRecountUnderWay, current.recount === 0 ? isNeverRecounted : isRecountedAsKnown]),
      ].join(' AND '),
      ExpressionAttributeNames: {
        ...move.names,
        '#minute': 'minute',
        ...Object.fromEntries(changed.map(([name]) => [`#${name}`, name])),
      },
      ExpressionAttributeValues: {
        ...move.values,
        ':minute': minute,
        ...(next ? { ':nextRecount': next.recount } : current.recount > 0 && { ':recount': current.recount }),
        ...Object.fromEntries(changed.map(([name, by]) => [`:${name}`, by])),
      },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    if (written) return toCounts(item ?? {});
    const read = item ?? {};
    const known = this.#rules;
    this.#rules = toCountRules(read);
    // A recount has begun or ended since this process last counted.
    if (!isDeepStrictEqual(known, this.#rules)) return this.add(batch);
    if (!(Number(read['minute']) >= minute)) {
      await openMinute(this.#table, read, minute);
      return this.add(batch);
    }
    const open = uncountedOf(batch, read);
    return open.length < changes.length ? this.add({ ...batch, changes: open }) : undefined;
  }

  uncounted(changes: CountedBatch['changes']): { ids: string[]; recount: number } {
    const rule = this.#rules.next ?? this.#rules.current;
    const last = new Map(changes.flatMap(({ after }) => (after ? [[after.id, after]] : [])));
    const open = [...last.values()].filter((task) => !isEnded(task) && !isCounted(task, rule));
    return { ids: open.map(({ id }) => id), recount: rule.recount };
  }
}

/** What changes add to each counter, including those that a recount in progress is building. */
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
