import type { AwsCall } from './call.ts';
import { itemBytes, type Item } from './item-size.ts';
import type { Usage } from './meter.ts';

/** What one call used of a table, or of an index of it. */
export interface TableUse extends Partial<Usage> {
  table: string;
  index: string;
}

const reads = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems']);
const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);

/** Whether the action consumes units and can be asked how many. */
export function isDataAction(action: string): boolean {
  return reads.has(action) || writes.has(action);
}

const member = '"ConsumedCapacity":';

/**
 * What an answer says of consumption, and the answer without it. Both engines write it last, which spares reading and writing
 * the rest anew: within a text these quotes would be escaped, and only the last member of the whole ends before the last brace.
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

/** The units that the engine reports in `ConsumedCapacity`, the table's own part first, then those of its indexes. */
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
 * Failed conditions, which AWS bills like the write that they prevented and the engines do not report. The size is that of the
 * larger of the item that is there, as far as the call asked to see it, and the item to put.
 */
export function failedConditions({ body }: AwsCall, answer: Refusal): TableUse[] {
  const type = answer.__type?.split('#').at(-1);
  if (type === 'ConditionalCheckFailedException') return [failed(body, answer.Item, 1)];
  if (type !== 'TransactionCanceledException') return [];
  const items = body['TransactItems'] as Record<string, Write>[];
  return (answer.CancellationReasons ?? []).flatMap(({ Code: code, Item: there }, ordinal) => {
    const [write] = Object.values(items[ordinal] ?? {});
    return code === 'ConditionalCheckFailed' && write ? [failed(write, there, 2)] : [];
  });
}

const unitBytes = 1024;

function failed(write: Write, there: Item | undefined, unitsEach: number): TableUse {
  const bytes = Math.max(itemBytes(there), itemBytes(write.Item), 1);
  const writeUnits = unitsEach * Math.ceil(bytes / unitBytes);
  return { table: write.TableName ?? '', index: '', failedConditions: 1, writeUnits };
}
