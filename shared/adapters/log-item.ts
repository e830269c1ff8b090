import type { Status } from '../contract/nouns.ts';
import type { Cause, LogEntry } from '../domain/task.ts';

const statusCodes: Record<Status, string> = {
  waiting: 'w',
  pending: 'p',
  assigned: 'a',
  running: 'r',
  completed: 'c',
  failed: 'f',
  blocked: 'b',
  cancelled: 'x',
};

const causeCodes: Record<Cause, string> = {
  failed: 'f',
  timed_out: 't',
  agent_lost: 'l',
  not_started: 'n',
  offer_expired: 'o',
  released: 'r',
  reassigned: 'a',
  agent_replaced: 'p',
  deregistered: 'd',
  cancelled: 'x',
  retried: 'y',
  dependency_failed: 'df',
  dependency_retried: 'dr',
};

/** Missing values after the cause are omitted at the end of an entry, and null in the middle. */
type Tuple = [
  status: string,
  at: number,
  cause: string,
  reason?: string | null,
  attempt?: number | null,
  agentId?: string | null,
  offer?: string | null,
  /** How long before `at`. */
  assigned?: number | null,
  started?: number | null,
];

/** A log as stored: compact, because every write of its task is billed by the kilobyte. `entryBytes` knows its size. */
export const packedLog = (log: readonly LogEntry[]) => JSON.stringify(log.map(tuple));

export const unpackedLog = (text: string): LogEntry[] => (JSON.parse(text) as Tuple[]).map(untuple);

function tuple({ status, at, cause, reason, attempt, agentId, offer, assignedAt, startedAt }: LogEntry): unknown[] {
  const before = (time: number | undefined) => (time === undefined ? undefined : at - time);
  const optional = [reason, attempt, agentId, offer, before(assignedAt), before(startedAt)];
  const last = optional.findLastIndex((value) => value !== undefined);
  return [statusCodes[status], at, causeCodes[cause], ...optional.slice(0, last + 1)];
}

function untuple([status, at, cause, reason, attempt, agentId, offer, assigned, started]: Tuple): LogEntry {
  const before = (ms: number | null | undefined) => (ms === undefined || ms === null ? undefined : at - ms);
  const optional = { reason, attempt, agentId, offer, assignedAt: before(assigned), startedAt: before(started) };
  const known = Object.entries(optional).filter(([, value]) => value !== undefined && value !== null);
  return { status: statusOf(status), at, cause: causeOf(cause), ...Object.fromEntries(known) };
}

const statusOf = byCode(statusCodes);
const causeOf = byCode(causeCodes);

function byCode<Name extends string>(codes: Record<Name, string>): (code: string) => Name {
  const names = new Map(Object.entries<string>(codes).map(([name, code]) => [code, name as Name]));
  return (code) => {
    const name = names.get(code);
    if (name === undefined) throw new Error(`The log of a task has the unknown code ${code}.`);
    return name;
  };
}
