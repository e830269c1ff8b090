import { countsAs, dependencyChange, dependencyStatus } from './dependencies.ts';
import { policyOf } from './dependency-policy.ts';
import type { Settings } from './settings.ts';
import { isEnded, isIn, type CancelledTask, type FailedTask, type TaskRecord } from './task.ts';
import type { ReadTransition } from './transition.ts';
import type { Status } from '../contract/nouns.ts';

/**
 * What was decided for all tasks of a graph: each that is open is cancelled, or each that failed or was cancelled is retried.
 * Decisions about a graph are numbered. A task keeps the number of the last one that it follows, so that
 * - whoever carries a decision out late, or a second time, cannot undo what has become of a task since;
 * - a task that is cancelled or retried by itself meanwhile stays so.
 */
export interface GraphDecision {
  number: number;
  kind: 'cancel' | 'retry';
  at: number;
  reason?: string;
  /** The first of the same kind that this one has taken the place of before it was carried out: what those changed counts too. */
  since: number;
}

/** Whether a task is still to be changed by a decision. */
export function isToFollow(task: TaskRecord, { kind, number }: GraphDecision): boolean {
  if ((task.decision ?? 0) >= number) return false;
  return kind === 'cancel' ? !isEnded(task) : isRetryable(task);
}

export const isRetryable = (task: TaskRecord): task is FailedTask | CancelledTask =>
  isIn(task, ['failed', 'cancelled']);

/** A change as a decision about the task's graph makes it: once, and never after a later decision. */
export const asDecided = (transition: ReadTransition, number: number): ReadTransition => ({
  guard: { ...transition.guard, before: number },
  change: noting(transition, number),
});

/** A change of the task alone, made by somebody who knew of this decision about its graph: it has no say any more. */
export const asKnown = (transition: ReadTransition, number: number): ReadTransition =>
  number === 0 ? transition : { ...transition, change: noting(transition, number) };

const noting = ({ change }: ReadTransition, decision: number): ReadTransition['change'] => ({
  ...change,
  set: { ...change.set, decision },
});

/** A task of a graph with the ids of its dependencies, by ordinal. */
export interface GraphMember {
  task: TaskRecord;
  dependencies: readonly string[];
}

/**
 * How the tasks of a graph will stand when those that may be are retried, and what follows from that has come about. A task
 * that would be retried before its dependencies is not to fail because of them again.
 * @param members in an order in which each comes after its dependencies
 * @param statuses of all tasks that they depend on, as they are
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
