import { laneOrder } from './lane.ts';
import { times, type Settings } from './settings.ts';
import { isPending, type PendingTask, type TaskRecord } from './task.ts';
import type { IndexEntry } from './transition.ts';

type Queued = Pick<TaskRecord, 'lane' | 'routing' | 'priority' | 'timeoutMs' | 'attempt' | 'payloadKb'>;

/** Whether a pending task is in its lane, where claims find it. A delayed task enters the lane when its delay ends. */
export const isInLane = ({ dueAt }: Pick<PendingTask, 'dueAt'>) => dueAt === undefined;

/** Whether the router may assign a task now. */
export const isReadyForRouter = (task: TaskRecord) => isPending(task) && task.routing === 'auto' && isInLane(task);

/**
 * The index entry of a task that is pending from `readyAt` on: in its lane, or among the timers until it is due. If the
 * delay exceeds the maximum of a wake-up, the timer fires before the delay ends, to send the wake-up then.
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

/** The index entry of a task that waits for dependencies, and the interval to the check after the next one. */
export function checkEntry(now: number, everyMs: number = times.checkMs): { indexEntry: IndexEntry; next: number } {
  return { indexEntry: { in: 'checks', at: now + everyMs }, next: Math.min(everyMs * 2, times.maxCheckMs) };
}
