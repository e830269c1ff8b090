import type { OtherPolicies } from '../domain/dependency-policy.ts';
import type { LogEntry, Payload, RunProgress, Report, TaskFields, TaskRecord } from '../domain/task.ts';
import { times } from '../domain/settings.ts';
import { ttlAttribute } from '../schema.ts';
import { idOf } from './item-keys.ts';
import { packedLog, unpackedLog } from './log-item.ts';

/**
 * The attribute name of each field: short, because every task has them and every write is billed by the kilobyte.
 * Default values are not stored.
 */
export const taskAttributes = {
  title: 'ti',
  type: 'ty',
  priority: 'pr',
  lane: 'ln',
  routing: 'ro',
  policy: 'po',
  otherPolicies: 'op',
  timeoutMs: 'to',
  maxAttempts: 'mx',
  notBefore: 'nb',
  createdAt: 'ca',
  bodyHash: 'bh',
  graphId: 'gr',
  payload: 'pl',
  payloadKb: 'pb',
  status: 'st',
  attempt: 'at',
  retryCount: 'rc',
  need: 'nd',
  done: 'dn',
  failed: 'fl',
  checkEveryMs: 'ce',
  readyAt: 'ra',
  dueAt: 'du',
  excluded: 'ex',
  agentId: 'ag',
  offer: 'of',
  assignedBy: 'ab',
  assignedAt: 'aa',
  startedAt: 'sa',
  leaseUntil: 'le',
  progress: 'pg',
  instance: 'in',
  claimToken: 'ct',
  isWorkedOn: 'wo',
  endedAt: 'ea',
  durationMs: 'dm',
  report: 'rp',
  reportRef: 'rr',
  log: 'lg',
  countedIn: 'ci',
  decision: 'gd',
} as const satisfies Record<Exclude<keyof TaskFields, 'id'>, string>;

export type TaskField = keyof typeof taskAttributes;

const fieldsByAttribute = new Map(
  Object.entries(taskAttributes).map(([field, attribute]): [string, TaskField] => [attribute, field as TaskField]),
);

/** The value of a field whose attribute is absent. */
const defaultFields: Partial<Record<TaskField, unknown>> = {
  routing: 'auto',
  policy: 'block',
  timeoutMs: 3_600_000,
  maxAttempts: 3,
  attempt: 0,
  retryCount: 0,
  need: 0,
};

export type Item = Record<string, unknown>;

/** The stored form of a field; undefined if it is not stored. */
export function stored(field: TaskField, value: unknown): unknown {
  if (value === undefined || value === defaultFields[field]) return undefined;
  switch (field) {
    case 'payload':
    case 'report':
    case 'progress':
    case 'otherPolicies':
      return JSON.stringify(value);
    case 'done':
    case 'failed':
      return (value as number[]).length > 0 ? new Set(value as number[]) : undefined;
    case 'excluded':
      return Object.keys(value as object).length > 0 ? value : undefined;
    case 'log':
      return (value as LogEntry[]).length > 0 ? packedLog(value as LogEntry[]) : undefined;
    default:
      return value;
  }
}

/**
 * The task in an item. Undefined for a placeholder, and for a task past its retention, whether or not DynamoDB has
 * deleted it yet.
 */
export function toTaskRecord(item: Item | undefined, now: number): TaskRecord | undefined {
  if (item === undefined || isPlaceholder(item) || isPastRetention(item, now)) return undefined;
  const record: Record<string, unknown> = {
    ...defaultFields,
    done: [],
    failed: [],
    excluded: {},
    log: [],
    id: idOf(String(item['pk'])),
  };
  for (const [attribute, value] of Object.entries(item)) {
    const field = fieldsByAttribute.get(attribute);
    if (field !== undefined) record[field] = restored(field, value);
  }
  // Only `updateOf` writes these items, with the fields of the respective state.
  return record as unknown as TaskRecord;
}

/** Whether an item only records dependency states for a task to come. */
export const isPlaceholder = (item: Item | undefined) =>
  item !== undefined && item[taskAttributes.status] === undefined;

/** For tasks: their dependents may read them for a while longer, and only then do they expire. */
export const isPastRetention = (item: Item, now: number) => isExpired(item, now + times.keptForDependentsMs);

export const isExpired = (item: Item, now: number) =>
  item[ttlAttribute] !== undefined && Number(item[ttlAttribute]) * 1000 <= now;

function restored(field: TaskField, value: unknown): unknown {
  switch (field) {
    case 'payload':
      return JSON.parse(value as string) as Payload;
    case 'report':
      return JSON.parse(value as string) as Report;
    case 'progress':
      return JSON.parse(value as string) as RunProgress;
    case 'otherPolicies':
      return JSON.parse(value as string) as OtherPolicies;
    case 'done':
    case 'failed':
      return [...(value as Set<number>)].sort((one, other) => one - other);
    case 'log':
      return unpackedLog(value as string);
    default:
      return value;
  }
}
