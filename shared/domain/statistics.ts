import type { Status } from '../contract/nouns.ts';
import { executionMs, isHeld, type TaskRecord } from './task.ts';

/** Tasks by status, and the sums from which the means are made. Ended tasks are counted for ever. */
export interface QueueCounters extends Record<Status, number> {
  /** Those of the pending tasks that the router may assign. */
  pendingAuto: number;
  /** Completed runs that were measured, and the sum of their times in milliseconds. */
  executions: number;
  executionMs: number;
  /** Assignments, and the sum of the times from ready to assigned in milliseconds. */
  waits: number;
  waitMs: number;
}

export const noCounts = (): QueueCounters => ({
  waiting: 0,
  pending: 0,
  assigned: 0,
  running: 0,
  completed: 0,
  failed: 0,
  blocked: 0,
  cancelled: 0,
  pendingAuto: 0,
  executions: 0,
  executionMs: 0,
  waits: 0,
  waitMs: 0,
});

/** Adds one change of a task to the counts. A task without `after` was deleted, which changes no count. */
export function countChange(
  counts: QueueCounters,
  before: TaskRecord | undefined,
  after: TaskRecord | undefined,
): void {
  if (!after) return;
  if (before?.status !== after.status) {
    if (before) counts[before.status] -= 1;
    counts[after.status] += 1;
    counts.pendingAuto += Number(isForRouter(after)) - Number(before !== undefined && isForRouter(before));
    if (after.status === 'completed') {
      counts.executions += 1;
      counts.executionMs += executionMs(after);
    }
  }
  // An attempt that goes to another process of the same agent has not waited for one.
  const isNewHold = isHeld(after) && !(before && isHeld(before) && before.offer === after.offer);
  if (isNewHold) {
    counts.waits += 1;
    counts.waitMs += Math.max(0, after.assignedAt - after.readyAt);
  }
}

const isForRouter = ({ status, routing }: TaskRecord) => status === 'pending' && routing === 'auto';
