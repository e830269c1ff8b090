import { nameTag } from '#shared/domain/hash.ts';
import type { DependencyState } from '#shared/ports.ts';
import {
  isDependent,
  isEnded,
  isHeld,
  isPending,
  isRunning,
  type RunningTask,
  type TaskFields,
  type TaskRecord,
} from '#shared/domain/task.ts';
import type { Change, Guard, IndexEntry, Transition } from '#shared/domain/transition.ts';

/** A task as stored, with its index entry. */
export interface Stored {
  task: TaskRecord;
  indexEntry: IndexEntry;
}

/**
 * The meaning of a guard. The conditions of the DynamoDB adapter must be equivalent: test/engine/transitions.test.ts.
 */
export function holds(guard: Guard, task: TaskRecord): boolean {
  switch (guard.is) {
    case 'ready_for': {
      if (!isPending(task) || (guard.attempt ?? task.attempt) !== task.attempt) return false;
      return (task.dueAt ?? 0) <= guard.now && (task.excluded[nameTag(guard.agentId)] ?? 0) <= guard.now;
    }
    case 'assigned_under': {
      if (task.status !== 'assigned' || task.offer !== guard.offer || task.leaseUntil > guard.timerAt) return false;
      return task.instance === undefined || task.instance === guard.instance;
    }
    case 'run_by': {
      const isThisAttempt = guard.attempt === undefined || guard.attempt === task.attempt;
      const isThisInstance = (held: RunningTask) => guard.instance === undefined || guard.instance === held.instance;
      return isRunning(task) && task.agentId === guard.agentId && isThisAttempt && isThisInstance(task);
    }
    case 'unchanged': {
      const present: Record<string, unknown> = { ...task };
      if (guard.before !== undefined && (task.decision ?? 0) >= guard.before) return false;
      return Object.entries(guard.task).every(
        ([field, read]) => JSON.stringify(present[field]) === JSON.stringify(read),
      );
    }
    case 'all_met':
      return isDependent(task) && task.done.length === task.need && task.attempt === guard.attempt;
    case 'last_dependency':
      return (
        isDependent(task) &&
        task.bodyHash === guard.bodyHash &&
        task.attempt === 0 &&
        task.done.length === guard.others &&
        !task.done.includes(guard.ordinal)
      );
    case 'some_failed':
      return task.status === 'waiting' && task.failed.length > 0;
    case 'this_failed':
      return isDependent(task) && task.failed.includes(guard.ordinal);
    case 'none_failed':
      return task.status === 'blocked' && task.failed.length === 0;
  }
}

/** The task after a change. */
export function changed({ task, indexEntry }: Stored, change: Change): Stored {
  return { task: fieldsAfter(task, change) as TaskRecord, indexEntry: change.indexEntry ?? indexEntry };
}

/** The fields of an existing or new task after a change. */
export function fieldsAfter(fields: TaskFields, change: Change): TaskFields {
  const { attempt = 0, done = [], failed = [], ...after }: TaskFields = { ...fields, ...change.set };
  for (const field of change.clear ?? []) if (!(field in change.set)) Reflect.deleteProperty(after, field);
  return {
    ...after,
    attempt: attempt + (change.nextAttempt ? 1 : 0),
    done: ordered([...done, ...(change.met ?? [])]),
    failed: ordered([...failed, ...(change.failed ?? [])].filter((n) => !change.unfailed?.includes(n))),
  };
}

/** The task after a transition; undefined if its guard does not hold. */
export function applied(stored: Stored, { guard, change }: Transition): Stored | undefined {
  return holds(guard, stored.task) ? changed(stored, change) : undefined;
}

/** The task after a dependency state was recorded. A met dependency stays met. */
export function marked(stored: Stored, ordinal: number, mark: DependencyState): Stored {
  if (mark === 'failed' && stored.task.done.includes(ordinal)) return stored;
  const changes: Record<DependencyState, Change> = {
    met: { set: {}, met: [ordinal], unfailed: [ordinal] },
    failed: { set: {}, failed: [ordinal] },
    unfailed: { set: {}, unfailed: [ordinal] },
  };
  return changed(stored, changes[mark]);
}

/** The list in which a task in this state must be, so that it is found when it needs attention. */
export function listFor(task: TaskRecord): IndexEntry['in'] {
  if (isEnded(task)) return 'ended';
  if (isDependent(task)) return 'checks';
  return isHeld(task) || task.dueAt !== undefined ? 'timers' : 'lane';
}

const ordered = (ordinals: readonly number[]) => [...new Set(ordinals)].sort((one, other) => one - other);
