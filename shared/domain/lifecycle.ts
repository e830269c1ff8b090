import { dependencyChange, type DependencyStatuses } from './dependencies.ts';
import { unchanged } from './holding.ts';
import { logged } from './task-log.ts';
import type { Settings } from './settings.ts';
import type { EndedTask, TaskRecord } from './task.ts';
import type { IndexEntry, Transition } from './transition.ts';

/** Stops a task that has not ended, at once, whoever holds it. */
export function cancel(task: TaskRecord, reason: string | undefined, now: number): Transition {
  return {
    guard: unchanged(task),
    change: {
      set: { status: 'cancelled', endedAt: now, log: logged(task, 'cancelled', now, { cause: 'cancelled', reason }) },
      clear: ['leaseUntil', 'dueAt', 'progress', 'checkEveryMs'],
      indexEntry: { in: 'ended', status: 'cancelled', at: now, agentId: task.agentId },
    },
  };
}

/** A failed or cancelled task runs again, with fresh retries and the dependencies as they are now; the attempt goes on. */
export function retry(task: EndedTask, states: DependencyStatuses, now: number, settings: Settings): Transition {
  const { failed = [], ...next } = dependencyChange(task, states, now, settings);
  const guard = unchanged(task);
  const reason = failed.length > 0 ? 'a dependency has failed' : undefined;
  const log = logged(task, next.set.status, now, { cause: 'retried', reason });
  return {
    guard: { ...guard, task: { ...guard.task, done: task.done, failed: task.failed } },
    change: {
      ...next,
      set: { ...next.set, failed: [...failed], retryCount: 0, excluded: {}, log },
      clear: [
        'endedAt',
        'durationMs',
        'report',
        'reportRef',
        'agentId',
        'offer',
        'assignedBy',
        'assignedAt',
        'startedAt',
        ...(next.clear ?? []),
      ],
    },
  };
}

/** The time of a delayed task has come: it enters its lane. */
export function enterLane(task: TaskRecord, indexEntry: IndexEntry): Transition {
  return { guard: unchanged(task), change: { set: {}, clear: ['dueAt'], indexEntry } };
}

/** The task stays as it is and is looked at again at another time. */
export function lookAgain(task: TaskRecord, at: number): Transition {
  return { guard: unchanged(task), change: { set: {}, indexEntry: { in: 'timers', at } } };
}
