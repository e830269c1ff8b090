import { dependencyChange, type DependencyStatuses } from './dependencies.ts';
import { logged } from './task-log.ts';
import { times, type Settings } from './settings.ts';
import { fieldsToClear } from './state-fields.ts';
import {
  holdOf,
  type CancelledTask,
  type FailedTask,
  type HeldTask,
  type PendingTask,
  type TaskRecord,
} from './task.ts';
import { unchanged, type IndexEntry, type ReadTransition, type Transition } from './transition.ts';

/** Stops a task that has not ended, at once, whoever holds it. */
export function cancel(task: TaskRecord, reason: string | undefined, now: number): ReadTransition {
  return {
    guard: unchanged(task),
    change: {
      set: {
        status: 'cancelled',
        endedAt: now,
        excluded: {},
        log: logged(task, 'cancelled', now, { cause: 'cancelled', reason }),
      },
      clear: fieldsToClear(task.status, 'cancelled'),
      indexEntry: { in: 'ended', status: 'cancelled', at: now, agentId: holdOf(task)?.agentId },
    },
  };
}

/** Whether a task has reached the age at which it is cancelled if it has not ended. Its data expires later. */
export const isTooOld = ({ createdAt }: Pick<TaskRecord, 'createdAt'>, now: number) => now - createdAt > times.maxAgeMs;

/**
 * Runs a failed or cancelled task again, with fresh retries and the current state of its dependencies; attempt numbers
 * continue.
 */
export function retry(
  task: FailedTask | CancelledTask,
  states: DependencyStatuses,
  now: number,
  settings: Settings,
): ReadTransition {
  const { failed = [], ...next } = dependencyChange(task, states, now, settings);
  const guard = unchanged(task);
  const reason = failed.length > 0 ? 'a dependency has failed' : undefined;
  const log = logged(task, next.set.status, now, { cause: 'retried', reason });
  return {
    guard: { ...guard, task: { ...guard.task, done: task.done, failed: task.failed } },
    change: {
      ...next,
      set: { ...next.set, failed: [...failed], retryCount: 0, excluded: {}, log },
      // Nothing remains of its end and its last hold, even if its policy cancels it again at once.
      clear: fieldsToClear(task.status, 'waiting'),
    },
  };
}

/** A delayed task is due and enters its lane. */
export function enterLane(task: PendingTask, indexEntry: IndexEntry): Transition {
  return { guard: unchanged(task), change: { set: {}, clear: ['dueAt'], indexEntry } };
}

/** Leaves the task as it is and checks it again at another time. */
export function checkAgainAt(task: PendingTask | HeldTask, at: number): Transition {
  return { guard: unchanged(task), change: { set: {}, indexEntry: { in: 'timers', at } } };
}
