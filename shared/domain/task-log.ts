import type { Status } from '../contract/nouns.ts';
import { entryBytes, logRoom } from './item-room.ts';
import { jsonBytesOf, shortenedTo } from './shorten.ts';
import { isHeld, isRunning, type Cause, type LogEntry, type TaskFields, type TaskRecord } from './task.ts';

const maxReasonBytes = 120;
const minReasonBytes = 12;
const maxLogEntries = 6;

export interface Why {
  cause: Cause;
  /** In words, if there is more to say than the cause. */
  reason?: string | undefined;
}

/**
 * The task's log with one more entry: the status that follows, and the attempt that ends with it, if any. Bounded. The
 * entry is never older than those before it, even if the clock of another process was ahead.
 */
export function logged(task: TaskRecord, status: Status, now: number, { cause, reason }: Why): LogEntry[] {
  const { assignedAt = 0, startedAt = 0 } = isHeld(task) ? (task as TaskFields) : {};
  const at = Math.max(now, task.createdAt, task.log.at(-1)?.at ?? 0, assignedAt, startedAt);
  const entry: LogEntry = { status, at, cause };
  if (isHeld(task)) {
    entry.attempt = task.attempt;
    entry.agentId = task.agentId;
    // Outcomes are looked up by offer, and a hold that continues in another process has no outcome yet.
    if (cause !== 'agent_replaced') entry.offer = task.offer;
    entry.assignedAt = task.assignedAt;
    if (isRunning(task)) entry.startedAt = task.startedAt;
  }
  return fitting([...task.log, { ...entry, ...(reason !== undefined && { reason }) }], logRoom(task));
}

/** When a task was last assigned, started, ended or changed from outside; 0 if never. */
export function movedAt(task: TaskRecord): number {
  const { assignedAt = 0, startedAt = 0, endedAt = 0 }: TaskFields = task;
  return Math.max(assignedAt, startedAt, endedAt, task.log.at(-1)?.at ?? 0);
}

/**
 * The newest entries that fit, then as much of their reasons as fits, newest first. The last attempt is always kept:
 * late reports and the counting of its outcome depend on it.
 */
function fitting(entries: readonly LogEntry[], room: number): LogEntry[] {
  const lastAttempt = entries.findLast(({ offer }) => offer !== undefined);
  let left = room - (lastAttempt ? entryBytes(lastAttempt) : 0);
  const kept = entries.toReversed().filter((entry, n) => {
    if (entry === lastAttempt) return true;
    left -= entryBytes(entry);
    return n < maxLogEntries && left >= 0;
  });
  left = room - kept.reduce((sum, entry) => sum + entryBytes(entry), 0);
  const trimmed = kept.map(({ reason, ...entry }) => {
    const most = Math.min(maxReasonBytes, left);
    if (reason === undefined || most < minReasonBytes) return entry;
    const short = shortenedTo(reason, most, jsonBytesOf);
    left -= jsonBytesOf(short);
    return { ...entry, reason: short };
  });
  return trimmed.toReversed();
}
