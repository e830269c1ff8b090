import type { AwsCall } from './call.ts';
import { itemBytes, type Item } from './item-size.ts';
import type { Usage } from './meter.ts';

/** What one call consumed of a table or index. */
export interface TableUse extends Partial<Usage> {
  table: string;
  index: string;
}

const reads = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems']);
const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);

/** Whether the action consumes units and can report them. */
export function isDataAction(action: string): boolean {
  return reads.has(action) || writes.has(action);
}

const member = '"ConsumedCapacity":';

/**
 * The consumption that a response reports, and the response without it. Both engines write this member last, so the
 * rest need not be parsed and serialized again: inside a string its quotes would be escaped, and only the last
 * top-level member ends right before the last brace.
 */
export function capacityIn(body: string): { capacity: unknown; rest: string } {
  const at = body.lastIndexOf(member);
  if (at < 0) return { capacity: undefined, rest: body };
  try {
    const capacity: unknown = JSON.parse(body.slice(at + member.length, -1));
    return { capacity, rest: `${body.slice(0, at).replace(/,$/, '')}}` };
  } catch {
    const { ConsumedCapacity: capacity, ...rest } = JSON.parse(body) as Record<string, unknown>;
    return { capacity, rest: JSON.stringify(rest) };
  }
}

interface Units {
  CapacityUnits?: number;
}

interface ConsumedCapacity extends Units {
  TableName: string;
  Table?: Units;
  GlobalSecondaryIndexes?: Record<string, Units>;
  LocalSecondaryIndexes?: Record<string, Units>;
}

/** The units that the engine reports in `ConsumedCapacity`: first the table's own, then those of its indexes. */
export function consumed(action: string, capacity: unknown): TableUse[] {
  const unit = reads.has(action) ? 'readUnits' : 'writeUnits';
  return [capacity as ConsumedCapacity | ConsumedCapacity[]].flat().flatMap((one) => {
    const indexes = Object.entries({ ...one.GlobalSecondaryIndexes, ...one.LocalSecondaryIndexes });
    return [
      { table: one.TableName, index: '', [unit]: (one.Table ?? one).CapacityUnits ?? 0 },
      ...indexes.map(([index, units]) => ({ table: one.TableName, index, [unit]: units.CapacityUnits ?? 0 })),
    ];
  });
}

interface Write {
  TableName?: string;
  Item?: Item;
}

export interface Refusal {
  __type?: string;
  Item?: Item;
  CancellationReasons?: { Code?: string; Item?: Item }[];
}

/**
 * Failed conditions, which AWS bills like the write they prevented, and which the engines do not report. The size is
 * that of the existing item (if the call asked for it) or of the item to put, whichever is larger.
 */
export function failedConditions({ body }: AwsCall, answer: Refusal): TableUse[] {
  const type = answer.__type?.split('#').at(-1);
  if (type === 'ConditionalCheckFailedException') return [failed(body, answer.Item, 1)];
  if (type !== 'TransactionCanceledException') return [];
  const items = body['TransactItems'] as Record<string, Write>[];
  return (answer.CancellationReasons ?? []).flatMap(({ Code: code, Item: existing }, ordinal) => {
    const [write] = Object.values(items[ordinal] ?? {});
    return code === 'ConditionalCheckFailed' && write ? [failed(write, existing, 2)] : [];
  });
}

const unitBytes = 1024;

function failed(write: Write, existing: Item | undefined, unitsEach: number): TableUse {
  const bytes = Math.max(itemBytes(existing), itemBytes(write.Item), 1);
  const writeUnits = unitsEach * Math.ceil(bytes / unitBytes);
  return { table: write.TableName ?? '', index: '', failedConditions: 1, writeUnits };
}
