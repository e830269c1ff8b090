import type { Status } from '../contract/nouns.ts';
import { isHeld, isRunning, type Cause, type LogEntry, type TaskRecord } from './task.ts';

const maxReasonLength = 80;
const maxLogEntries = 6;

export interface Why {
  cause: Cause;
  /** In words, where there is more to say than the cause. */
  reason?: string | undefined;
}

/** The task's log with one more entry: what is about to follow, and the attempt that it ends if there is one. Bounded. */
export function logged(task: TaskRecord, status: Status, at: number, why: Why): LogEntry[] {
  const { cause, reason } = why;
  const entry: LogEntry = { status, at, cause, ...(reason !== undefined && { reason: shortened(reason) }) };
  if (isHeld(task)) {
    entry.attempt = task.attempt;
    entry.agentId = task.agentId;
    entry.offer = task.offer;
    entry.assignedAt = task.assignedAt;
    if (isRunning(task)) entry.startedAt = task.startedAt;
  }
  return [...task.log, entry].slice(-maxLogEntries);
}

const shortened = (text: string) => (text.length <= maxReasonLength ? text : `${cut(text, maxReasonLength - 1)}…`);

/** Not between the halves of a character: half of one is no text that every client can read. */
const cut = (text: string, length: number) => text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
