import { openStatuses } from '../schema.ts';
import { emptyTally } from './graph.ts';
import type { Status } from '../contract/nouns.ts';
import { executionMs, isEnded, isHeld, type TaskRecord } from './task.ts';

export { openStatuses };

/** Tasks by status, and the sums behind the means. Ended tasks stay counted forever. */
export interface QueueCounters extends Record<Status, number> {
  /** Pending tasks that the router may assign. */
  pendingAuto: number;
  /** Completed runs with a measured duration, and the sum of the durations in milliseconds. */
  executions: number;
  executionMs: number;
  /** Assignments, and the sum of their times from ready to assigned in milliseconds. */
  waits: number;
  waitMs: number;
}

export const noCounts = (): QueueCounters => ({
  ...emptyTally(),
  pendingAuto: 0,
  executions: 0,
  executionMs: 0,
  waits: 0,
  waitMs: 0,
});

/** Counts that were not updated for this long may have missed changes. */
const oldCountsMs = 10 * 60_000;

/**
 * The number of open tasks. Undefined if the counts are in doubt (old, negative or inconsistent), so that nothing is
 * refused because of them. A single new task makes old counts current again.
 * @param countedAt when the counts were last updated
 */
export function openTasksBy(counts: QueueCounters, countedAt: number, now: number): number | undefined {
  const isUncertain =
    now - countedAt > oldCountsMs || recounted.some((name) => counts[name] < 0) || counts.pendingAuto > counts.pending;
  return isUncertain ? undefined : openStatuses.reduce((sum, status) => sum + counts[status], 0);
}

/** The counts that a recount rebuilds. */
export const recounted = [...openStatuses, 'pendingAuto'] as const;
export type OpenCounts = Record<(typeof recounted)[number], number>;

export const noOpenCounts = (): OpenCounts => ({
  waiting: 0,
  blocked: 0,
  pending: 0,
  assigned: 0,
  running: 0,
  pendingAuto: 0,
});

/**
 * Which open tasks are in the counts: those that the recount with this number has marked, and those created after a
 * time. A task is counted from the change that qualified it until it ends, so a change that was not counted can never
 * make the counts drift.
 */
export interface CountRule {
  recount: number;
  /** In milliseconds since 1970. */
  since: number;
}

/** Before the first recount, every task is counted. */
export const everyTask: CountRule = { recount: 0, since: 0 };

export const isCounted = (task: Pick<TaskRecord, 'createdAt' | 'countedIn'>, { recount, since }: CountRule) =>
  (task.countedIn ?? 0) >= recount || task.createdAt > since;

/** Adds a task change to the counts of open tasks. */
export function countOpen(
  counts: OpenCounts,
  before: TaskRecord | undefined,
  after: TaskRecord | undefined,
  rule: CountRule,
): void {
  if (!after) return;
  const count = (task: TaskRecord, by: 1 | -1) => {
    if (isEnded(task) || !isCounted(task, rule)) return;
    counts[task.status] += by;
    if (isForRouter(task)) counts.pendingAuto += by;
  };
  if (before) count(before, -1);
  count(after, 1);
}

/** Adds a task change to the counts. A deleted task (no `after`) changes no count. */
export function countChange(
  counts: QueueCounters,
  before: TaskRecord | undefined,
  after: TaskRecord | undefined,
  rule: CountRule,
): void {
  if (!after) return;
  countOpen(counts, before, after, rule);
  if (before?.status !== after.status) {
    if (before && isEnded(before)) counts[before.status] -= 1;
    if (isEnded(after)) counts[after.status] += 1;
    if (after.status === 'completed') {
      counts.executions += 1;
      counts.executionMs += executionMs(after);
    }
  }
  const waitMs = waitOf(before, after);
  if (waitMs !== undefined) {
    counts.waits += 1;
    counts.waitMs += waitMs;
  }
}

/** How long a task had been ready when this change assigned it; undefined for any other change. */
export function waitOf(before: TaskRecord | undefined, after: TaskRecord): number | undefined {
  if (!isHeld(after)) return undefined;
  // An attempt that moves to another process of the same agent did not wait.
  if (before && isHeld(before) && before.offer === after.offer) return undefined;
  return Math.max(0, after.assignedAt - after.readyAt);
}

const isForRouter = ({ status, routing }: TaskRecord) => status === 'pending' && routing === 'auto';
