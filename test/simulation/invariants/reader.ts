import { gunzipSync } from 'node:zlib';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Item } from '../dynamodb/values.ts';

/**
 * Reads items as docs/architecture.md describes them, without the product's code, so that its writes are checked by an
 * independent reader. Attributes renamed there must be renamed here.
 */
export interface TaskView {
  id: string;
  status: string;
  attempt: number;
  retryCount: number;
  maxAttempts: number;
  need: number;
  policy: string;
  /** The ordinals of the dependencies with other policies, by policy. */
  otherPolicies: Record<string, number[]>;
  /** The ordinals of the failed dependencies. */
  failed: ReadonlySet<number>;
  routing: string;
  agent: string | undefined;
  offer: string | undefined;
  /** The process that has the attempt, if it names itself. */
  instance: string | undefined;
  leaseUntil: number | undefined;
  readyAt: number | undefined;
  assignedAt: number | undefined;
  startedAt: number | undefined;
  endedAt: number | undefined;
  durationMs: number | undefined;
  dueAt: number | undefined;
  notBefore: number | undefined;
  assignedBy: string | undefined;
  /** How earlier holds ended, oldest first. */
  log: {
    status: string;
    at: number;
    cause: string;
    attempt: number | undefined;
    agent: string | undefined;
    offer: string | undefined;
  }[];
  /** The index partition that it is in. */
  place: string | undefined;
  ttl: number | undefined;
  bodyHash: string;
  /** Absent if they are in a payload stored separately. */
  dependencies: string[] | undefined;
}

export interface AgentView {
  id: string;
  /** `left` if the agent drains until it registers. */
  state: string;
  maximum: number;
  seenAt: number;
  completed: number;
  failed: number;
  durationMs: number;
  profileVersion: number;
  /** Tokens of the offers by task id. */
  inbox: Record<string, string>;
  /** Reports of work outside the queue that may be repeated. */
  records: ReadonlySet<string>;
}

export interface GraphView {
  id: string;
  bodyHash: string;
  /** Set if its tasks do not fit into one item. */
  parts: { name: string; count: number } | undefined;
  /** The decision about its tasks, until they all follow it. */
  decision: { kind: 'cancel' | 'retry'; number: number } | undefined;
}

/** The attributes of a task in its item. */
interface StoredTask {
  st: string;
  at?: number;
  rc?: number;
  mx?: number;
  nb?: number;
  ab?: string;
  nd?: number;
  po?: string;
  op?: string;
  fl?: Set<number>;
  ro?: string;
  ag?: string;
  of?: string;
  in?: string;
  le?: number;
  ra?: number;
  aa?: number;
  sa?: number;
  ea?: number;
  dm?: number;
  du?: number;
  lg?: string;
  g?: string;
  ttl?: number;
  bh: string;
  pl?: string;
}

type Maybe<T> = T | null | undefined;
type StoredEntry = [
  status: string,
  at: number,
  cause: string,
  reason?: Maybe<string>,
  attempt?: Maybe<number>,
  agent?: Maybe<string>,
  offer?: Maybe<string>,
];

const has = (item: Item, name: string) => item[name] !== undefined;
/** Abbreviations in a task's log, which is written with every change. */
const statusCodes: Record<string, string> = {
  w: 'waiting',
  p: 'pending',
  a: 'assigned',
  r: 'running',
  c: 'completed',
  f: 'failed',
  b: 'blocked',
  x: 'cancelled',
};
const causeCodes: Record<string, string> = {
  f: 'failed',
  t: 'timed_out',
  l: 'agent_lost',
  n: 'not_started',
  o: 'offer_expired',
  r: 'released',
  a: 'reassigned',
  p: 'agent_replaced',
  d: 'deregistered',
  x: 'cancelled',
  y: 'retried',
  df: 'dependency_failed',
  dr: 'dependency_retried',
};

const keyOf = (item: Item) => ({ pk: item['pk']?.S ?? '', sk: item['sk']?.S ?? '' });

/** The task in an item, if there is one. */
export function taskIn(item: Item | undefined): TaskView | undefined {
  if (!item) return undefined;
  const { pk, sk } = keyOf(item);
  if (!pk.startsWith('T#') || sk !== 'T' || !has(item, 'st')) return undefined;
  const field = unmarshall(item) as StoredTask;
  const log = JSON.parse(field.lg ?? '[]') as StoredEntry[];
  const payload = field.pl === undefined ? undefined : (JSON.parse(field.pl) as { dependencies: string[] });
  return {
    id: pk.slice(2),
    status: field.st,
    attempt: field.at ?? 0,
    retryCount: field.rc ?? 0,
    maxAttempts: field.mx ?? 3,
    notBefore: field.nb,
    assignedBy: field.ab,
    need: field.nd ?? 0,
    policy: field.po ?? 'block',
    otherPolicies: JSON.parse(field.op ?? '{}') as Record<string, number[]>,
    failed: field.fl ?? new Set(),
    routing: field.ro ?? 'auto',
    agent: field.ag,
    offer: field.of,
    instance: field.in,
    leaseUntil: field.le,
    readyAt: field.ra,
    assignedAt: field.aa,
    startedAt: field.sa,
    endedAt: field.ea,
    durationMs: field.dm,
    dueAt: field.du,
    log: log.map(([status, at, cause, , attempt, agent, offer]) => ({
      status: statusCodes[status] ?? status,
      at,
      cause: causeCodes[cause] ?? cause,
      attempt: attempt ?? undefined,
      agent: agent ?? undefined,
      offer: offer ?? undefined,
    })),
    place: field.g,
    ttl: field.ttl,
    bodyHash: field.bh,
    dependencies: payload?.dependencies,
  };
}

/** The agent in an item, if there is a registered one. */
export function agentIn(item: Item | undefined): AgentView | undefined {
  if (!item) return undefined;
  const { pk, sk } = keyOf(item);
  if (!pk.startsWith('A#') || sk !== 'A' || !has(item, 'registeredAt')) return undefined;
  const field = unmarshall(item) as Partial<AgentView> & { hasLeft?: boolean };
  return {
    id: pk.slice(2),
    state: field.hasLeft ? 'left' : (field.state ?? ''),
    maximum: field.maximum ?? 0,
    seenAt: field.seenAt ?? 0,
    completed: field.completed ?? 0,
    failed: field.failed ?? 0,
    durationMs: field.durationMs ?? 0,
    profileVersion: field.profileVersion ?? 0,
    inbox: field.inbox ?? {},
    records: field.records ?? new Set(),
  };
}

/** The graph in an item, if there is one; its tasks are stored separately. */
export function graphIn(item: Item | undefined): GraphView | undefined {
  if (!item) return undefined;
  const { pk, sk } = keyOf(item);
  if (!pk.startsWith('G#') || sk !== 'G') return undefined;
  const { bodyHash, parts, decision } = unmarshall(item) as Pick<GraphView, 'bodyHash' | 'parts' | 'decision'>;
  return { id: pk.slice(2), bodyHash, parts, decision };
}

/**
 * The ids of a graph's tasks, which are packed separately, in one item or in parts. Undefined if they cannot be read.
 */
export function membersOfGraph(
  { id, bodyHash, parts }: GraphView,
  itemAt: (key: { pk: string; sk: string }) => Item | undefined,
): string[] | undefined {
  const names = parts ? Array.from({ length: parts.count }, (_, n) => `P#${parts.name}#${n}`) : [`P#${bodyHash}`];
  const items = names.map((sk) => itemAt({ pk: `G#${id}`, sk }));
  try {
    const members = unpacked(...items) as { record: { id: string } }[];
    return members.map(({ record }) => record.id);
  } catch {
    return undefined;
  }
}

/** The data packed separately for a task or a graph. */
export const unpacked = (...items: (Item | undefined)[]): unknown =>
  items[0]?.['body']?.B &&
  (JSON.parse(
    gunzipSync(Buffer.concat(items.map((item) => item?.['body']?.B ?? Buffer.of()))).toString('utf8'),
  ) as unknown);

export const isHeld = (task: TaskView | undefined) => task?.status === 'assigned' || task?.status === 'running';
export const hasEnded = (task: TaskView | undefined) =>
  task?.status === 'completed' || task?.status === 'failed' || task?.status === 'cancelled';
export const failsDependents = (task: TaskView) => ['failed', 'cancelled', 'blocked'].includes(task.status);

/** What the failure of one of its dependencies means for a task. */
export const policyFor = ({ policy, otherPolicies }: TaskView, ordinal: number) =>
  Object.keys(otherPolicies).find((other) => otherPolicies[other]?.includes(ordinal)) ?? policy;

/** When an offer was made: its token begins with the time. */
export const madeAt = (offer: string) => Number.parseInt(offer, 36);
