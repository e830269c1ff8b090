import { laneOrder } from './lane.ts';
import { times, type Settings } from './settings.ts';
import { isPending, type PendingTask, type TaskRecord } from './task.ts';
import type { IndexEntry } from './transition.ts';

type Queued = Pick<TaskRecord, 'lane' | 'routing' | 'priority' | 'timeoutMs' | 'attempt' | 'payloadKb'>;

/** Whether a pending task is in its lane, where claims find it. A delayed one enters it when its delay is over. */
export const isInLane = ({ dueAt }: Pick<PendingTask, 'dueAt'>) => dueAt === undefined;

/** Whether the router may give a task to an agent now. */
export const isReadyForRouter = (task: TaskRecord) => isPending(task) && task.routing === 'auto' && isInLane(task);

/**
 * Where a task stands that is pending from `readyAt` on: in its lane, or with the timers until it is due. A delay longer
 * than a wake-up can wait is looked at before it ends, to send the wake-up then.
 */
export function pendingEntry(task: Queued, readyAt: number, now: number, settings: Settings): IndexEntry {
  if (readyAt > now) {
    const isLong = readyAt - now > times.maxWakeUpDelayMs;
    return { in: 'timers', at: isLong ? readyAt - times.maxWakeUpDelayMs : readyAt };
  }
  const { lane, routing, priority, timeoutMs, attempt, payloadKb } = task;
  const order = laneOrder(priority, readyAt, settings.allowanceMs);
  return { in: 'lane', lane, routing, order, timeoutMs, attempt, ...(payloadKb !== undefined && { payloadKb }) };
}

/** Where a task stands that waits for its dependencies, and the interval until the check after this one. */
export function checkEntry(now: number, everyMs: number = times.checkMs): { indexEntry: IndexEntry; next: number } {
  return { indexEntry: { in: 'checks', at: now + everyMs }, next: Math.min(everyMs * 2, times.maxCheckMs) };
}
