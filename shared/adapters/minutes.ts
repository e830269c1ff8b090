import { startOfMinute, countInMinute, minutesShown, noMinuteCounts, type Minute } from '../domain/minutes.ts';
import type { CountedBatch } from '../ports.ts';
import { ttlAttribute } from '../schema.ts';
import { minuteKey, statisticsKey } from './item-keys.ts';
import { minuteName, openMinuteIn, toMinute, waitName } from './item-readers.ts';
import type { Table } from './table.ts';
import type { Item } from './task-item.ts';

/*
 * The counts of the current minute are in the same item as the totals and updated in the same writes. The first change
 * of a later minute is refused, and its writer closes the minute:
 *
 *   the statistics   minute 7, writes 5 -------------- refuses minute 8 ----------------- minute 8, writes 6, counts of 7 gone
 *   minute 7         none                              as read, after 5 writes: put       and never changes again
 *
 * The put is refused if there is already one made after more writes, so that a delayed put changes nothing, and the
 * next minute begins only if nothing was written since the read. If the process dies between the two, the next one to
 * count takes over.
 */

/** Changes are counted in the open minute, which may be later than the writer's if clocks differ. */
export const isMinuteOpen = '#minute >= :minute';

const isAfterMoreWrites = 'attribute_not_exists(writes) OR writes < :writes';
const isUnchanged = 'writes = :writes';
const hasNoWrites = 'attribute_not_exists(writes)';

/** Long enough for every reader: expired items vanish within days. */
const minuteLifeMs = 2 * minutesShown * 60_000;

/** What changes add to the attributes of the open minute. */
export function addedInMinute(changes: CountedBatch['changes']): Record<string, number> {
  const counts = noMinuteCounts();
  const waits = new Map<number, number>();
  for (const { before, after } of changes) countInMinute({ counts, waits }, before, after);
  return {
    ...Object.fromEntries(Object.entries(counts).map(([name, count]) => [minuteName(name), count])),
    ...Object.fromEntries([...waits].map(([bucket, count]) => [waitName(bucket), count])),
    writes: 1,
  };
}

/** Closes the open minute of the statistics as read, and opens a later one, unless another process already has. */
export async function openMinute(table: Table, item: Item, minute: number): Promise<void> {
  const writes = Number(item['writes'] ?? 0);
  const open = openMinuteIn(item);
  if (open) await putMinute(table, open, writes);
  const names = Object.keys(item).filter((name) => name.startsWith(minuteName('')) || name.startsWith(waitName('')));
  await table.update({
    Key: statisticsKey,
    UpdateExpression: `SET #minute = :minute ADD writes :one${names.length > 0 ? ` REMOVE ${names.join(', ')}` : ''}`,
    ConditionExpression: writes > 0 ? isUnchanged : hasNoWrites,
    ExpressionAttributeNames: { '#minute': 'minute' },
    ExpressionAttributeValues: { ':minute': minute, ':one': 1, ...(writes > 0 && { ':writes': writes }) },
  });
}

async function putMinute(table: Table, { number, counts, waits }: Minute, writes: number): Promise<void> {
  await table.put({
    Item: {
      ...minuteKey(number),
      ...counts,
      waits: Object.fromEntries(waits),
      writes,
      [ttlAttribute]: Math.ceil((startOfMinute(number) + minuteLifeMs) / 1000),
    },
    ConditionExpression: isAfterMoreWrites,
    ExpressionAttributeValues: { ':writes': writes },
  });
}

/** The closed minutes from the given one on. */
export async function closedMinutes(table: Table, first: number): Promise<Minute[]> {
  const { pk, sk } = minuteKey(first);
  const items = await table.query({
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    ExpressionAttributeValues: { ':pk': pk, ':first': sk, ':last': minuteKey(first + 2 * minutesShown).sk },
    ConsistentRead: true,
  });
  return items.map(toMinute);
}
