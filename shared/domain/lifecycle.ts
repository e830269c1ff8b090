import { dependencyChange, type DependencyStatuses } from './dependencies.ts';
import { logged } from './task-log.ts';
import { times, type Settings } from './settings.ts';
import { leftBehind } from './state-fields.ts';
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
      clear: leftBehind(task.status, 'cancelled'),
      indexEntry: { in: 'ended', status: 'cancelled', at: now, agentId: holdOf(task)?.agentId },
    },
  };
}

/** Whether a task has the age at which it is cancelled if it has not ended. What belongs to it expires later. */
export const isTooOld = ({ createdAt }: Pick<TaskRecord, 'createdAt'>, now: number) => now - createdAt > times.maxAgeMs;

/** A failed or cancelled task runs again, with fresh retries and the dependencies as they are now; the attempt goes on. */
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
      // Nothing stays of its end and of its last hold, also when it is cancelled again at once, by its policy.
      clear: leftBehind(task.status, 'waiting'),
    },
  };
}

/** The time of a delayed task has come: it enters its lane. */
export function enterLane(task: PendingTask, indexEntry: IndexEntry): Transition {
  return { guard: unchanged(task), change: { set: {}, clear: ['dueAt'], indexEntry } };
}

/** The task stays as it is and is looked at again at another time. */
export function lookAgain(task: PendingTask | HeldTask, at: number): Transition {
  return { guard: unchanged(task), change: { set: {}, indexEntry: { in: 'timers', at } } };
}
