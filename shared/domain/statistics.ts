import { openStatuses } from '../schema.ts';
import { emptyTally } from './graph.ts';
import type { Status } from '../contract/nouns.ts';
import { executionMs, isEnded, isHeld, type TaskRecord } from './task.ts';

export { openStatuses };

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
  ...emptyTally(),
  pendingAuto: 0,
  executions: 0,
  executionMs: 0,
  waits: 0,
  waitMs: 0,
});

/** Counts that nothing was added to for this long may have been left behind by what they count. */
const oldCountsMs = 10 * 60_000;

/**
 * How many tasks are open. Undefined where the counts are in doubt, so that nothing is refused because of them: they are old, below
 * zero, or contradict each other. One task more makes old counts new.
 * @param countedAt when something was last added to them
 */
export function openTasksBy(counts: QueueCounters, countedAt: number, now: number): number | undefined {
  const isDoubtful =
    now - countedAt > oldCountsMs || recounted.some((name) => counts[name] < 0) || counts.pendingAuto > counts.pending;
  return isDoubtful ? undefined : openStatuses.reduce((sum, status) => sum + counts[status], 0);
}

/** What a recount rebuilds. */
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
 * Which open tasks are in the counts: those that the recount with this number has marked, and those created after a time.
 * A task is counted from the change on that made it so, until it ends: so the counts can never lose or gain by a change that
 * was not counted.
 */
export interface CountRule {
  recount: number;
  /** In milliseconds since 1970. */
  since: number;
}

/** Before the first recount every task is counted. */
export const everyTask: CountRule = { recount: 0, since: 0 };

export const isCounted = (task: Pick<TaskRecord, 'createdAt' | 'countedIn'>, { recount, since }: CountRule) =>
  (task.countedIn ?? 0) >= recount || task.createdAt > since;

/** Adds what one change of a task means for the counts of open tasks. */
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

/** Adds one change of a task to the counts. A task without `after` was deleted, which changes no count. */
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

/** How long a task was ready before this change gave it to an agent; undefined where the change did not. */
export function waitOf(before: TaskRecord | undefined, after: TaskRecord): number | undefined {
  if (!isHeld(after)) return undefined;
  // An attempt that goes to another process of the same agent has not waited for one.
  if (before && isHeld(before) && before.offer === after.offer) return undefined;
  return Math.max(0, after.assignedAt - after.readyAt);
}

const isForRouter = ({ status, routing }: TaskRecord) => status === 'pending' && routing === 'auto';
