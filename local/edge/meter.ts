import type { AwsCall } from './call.ts';

/** What a number of calls used, as AWS bills it. */
export interface Usage {
  /** Calls that reached an engine, except idle polls. */
  calls: number;
  /** Calls to SQS and DynamoDB Streams that found nothing to read. */
  idlePolls: number;
  readUnits: number;
  /** Including those of failed conditions. */
  writeUnits: number;
  /** Items whose condition failed; AWS bills their write units all the same. */
  failedConditions: number;
  /** SQS requests, one per 64 KB, except idle polls. */
  queueRequests: number;
  /** Messages sent to SQS. */
  messages: number;
  /** EventBridge events, one per 64 KB. */
  events: number;
}

export interface UsageKey {
  /** Access key id: the logical id of the function. */
  caller: string;
  service: string;
  /** For example UpdateItem. */
  action: string;
  /** The call's header x-muster-operation; empty if it has none. */
  operation: string;
  /**
   * DynamoDB table; empty for other services. A call to several tables has one row per table and counts as a call in
   * the first.
   */
  table: string;
  /** Index of the table; empty for the table itself. */
  index: string;
}

/** The key of a call as a whole. */
export function keyOf({ caller, service, action, operation = '', body }: AwsCall): UsageKey {
  const table = body['TableName'];
  return { caller, service, action, operation, table: typeof table === 'string' ? table : '', index: '' };
}

export type UsageRow = UsageKey & Usage;

const nothing: Usage = {
  calls: 0,
  idlePolls: 0,
  readUnits: 0,
  writeUnits: 0,
  failedConditions: 0,
  queueRequests: 0,
  messages: 0,
  events: 0,
};

/** Usage between two moments, in rows that a report can filter and group as needed. */
export class MeterReading {
  readonly rows: readonly UsageRow[];

  constructor(rows: readonly UsageRow[]) {
    this.rows = rows;
  }

  /** Sum of the rows that have all the given properties. */
  total(filter: Partial<UsageKey> = {}): Usage {
    return this.#matching(filter).reduce<Usage>((sum, row) => add(sum, row), nothing);
  }

  /** Sums by one property, for example by table, of the rows that have all the given properties. */
  by(property: keyof UsageKey, filter: Partial<UsageKey> = {}): Record<string, Usage> {
    const sums: Record<string, Usage> = {};
    for (const row of this.#matching(filter)) sums[row[property]] = add(sums[row[property]] ?? nothing, row);
    return sums;
  }

  #matching(filter: Partial<UsageKey>): UsageRow[] {
    const wanted = Object.entries(filter) as [keyof UsageKey, string][];
    return this.rows.filter((row) => wanted.every(([property, value]) => row[property] === value));
  }
}

/** Counts what passes through the edge. */
export class Meter {
  readonly #rows = new Map<string, UsageRow>();

  /** Adds to the usage under a key. */
  count(key: UsageKey, used: Partial<Usage>): void {
    const name = nameOf(key);
    let row = this.#rows.get(name);
    if (!row) this.#rows.set(name, (row = { ...key, ...nothing }));
    for (const property of properties) row[property] += used[property] ?? 0;
  }

  /** Everything since the start. */
  snapshot(): MeterReading {
    return new MeterReading([...this.#rows.values()].map((row) => ({ ...row })));
  }

  /** Usage since an earlier snapshot. */
  since(earlier: MeterReading): MeterReading {
    const before = new Map(earlier.rows.map((row) => [nameOf(row), row]));
    const rows = this.snapshot().rows.map((row) => ({ ...row, ...subtract(row, before.get(nameOf(row)) ?? nothing) }));
    return new MeterReading(rows.filter((row) => properties.some((property) => row[property] !== 0)));
  }
}

const properties = Object.keys(nothing) as (keyof Usage)[];

function add(left: Usage, right: Usage): Usage {
  const sum = { ...nothing };
  for (const property of properties) sum[property] = left[property] + right[property];
  return sum;
}

function subtract(left: Usage, right: Usage): Usage {
  const difference = { ...nothing };
  for (const property of properties) difference[property] = left[property] - right[property];
  return difference;
}

function nameOf({ caller, service, action, operation, table, index }: UsageKey): string {
  return JSON.stringify([caller, service, action, operation, table, index]);
}
