import { countsAs, dependencyChange, dependencyStatus } from './dependencies.ts';
import { policyOf } from './dependency-policy.ts';
import type { Settings } from './settings.ts';
import { isEnded, isIn, type CancelledTask, type FailedTask, type TaskRecord } from './task.ts';
import type { ReadTransition } from './transition.ts';
import type { Status } from '../contract/nouns.ts';

/**
 * A decision about all tasks of a graph: cancel those that are open, or retry those that failed or were cancelled.
 * Decisions about a graph are numbered, and a task stores the number of the last one it follows. Therefore
 * - carrying out a decision late or twice cannot undo what happened to a task since;
 * - a task that is cancelled or retried individually in the meantime stays so.
 */
export interface GraphDecision {
  number: number;
  kind: 'cancel' | 'retry';
  at: number;
  reason?: string;
  /**
   * The first of the consecutive decisions of the same kind that this one replaced before it was carried out: tasks
   * they changed are counted too.
   */
  since: number;
}

/** Whether a decision has yet to change a task. */
export function mustApply(task: TaskRecord, { kind, number }: GraphDecision): boolean {
  if ((task.decision ?? 0) >= number) return false;
  return kind === 'cancel' ? !isEnded(task) : isRetryable(task);
}

export const isRetryable = (task: TaskRecord): task is FailedTask | CancelledTask =>
  isIn(task, ['failed', 'cancelled']);

/** A change made by a decision about the task's graph: applied once, and never after a later decision. */
export const byGraphDecision = (transition: ReadTransition, number: number): ReadTransition => ({
  guard: { ...transition.guard, before: number },
  change: withDecisionNumber(transition, number),
});

/** A change of this task alone, made with knowledge of the graph decision, which no longer applies to the task. */
export const afterGraphDecision = (transition: ReadTransition, number: number): ReadTransition =>
  number === 0 ? transition : { ...transition, change: withDecisionNumber(transition, number) };

const withDecisionNumber = ({ change }: ReadTransition, decision: number): ReadTransition['change'] => ({
  ...change,
  set: { ...change.set, decision },
});

/** A task of a graph, with its dependency ids by ordinal. */
export interface GraphMember {
  task: TaskRecord;
  dependencies: readonly string[];
}

/**
 * Predicts the task statuses of a graph after a retry and everything that follows from it, so that a task retried
 * before its dependencies does not fail because of them again.
 * @param members each after its dependencies
 * @param statuses the current ones, of all tasks they depend on
 */
export function afterRetry(
  members: readonly GraphMember[],
  statuses: ReadonlyMap<string, Status>,
  isRetried: (task: TaskRecord) => boolean,
  now: number,
  settings: Settings,
): Map<string, Status> {
  const after = new Map<string, Status>();
  for (const { task, dependencies } of members) {
    const found = dependencies.map((id, ordinal) => dependencyStatus(task, ordinal, after.get(id) ?? statuses.get(id)));
    const fails = found.some((status, ordinal) => countsAs(status, policyOf(task, ordinal)) === 'failed');
    if (isRetried(task)) after.set(task.id, dependencyChange(task, found, now, settings).set.status);
    else if (task.status === 'blocked') after.set(task.id, fails ? 'blocked' : 'waiting');
    else after.set(task.id, task.status);
  }
  return after;
}
