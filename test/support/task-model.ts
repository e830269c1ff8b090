import type { DependencyState } from '#shared/ports.ts';
import type { TaskRecord } from '#shared/domain/task.ts';
import type { Change, Guard, IndexEntry, Transition } from '#shared/domain/transition.ts';

/** A task as a store keeps it: with its index entry. */
export interface Stored {
  task: TaskRecord;
  indexEntry: IndexEntry;
}

/** What a guard means. The conditions of the DynamoDB adapter must mean the same: test/engine/transitions.test.ts. */
export function holds(guard: Guard, task: TaskRecord): boolean {
  const isWaiting = task.status === 'waiting' || task.status === 'blocked';
  switch (guard.is) {
    case 'ready_for': {
      const isDue = task.dueAt === undefined || task.dueAt <= guard.now;
      return task.status === 'pending' && isDue && (task.excluded[guard.agentId] ?? 0) <= guard.now;
    }
    case 'run_by': {
      const isThisAttempt = guard.attempt === undefined || guard.attempt === task.attempt;
      return task.status === 'running' && task.agentId === guard.agentId && isThisAttempt;
    }
    case 'unchanged': {
      const fields = Object.entries(guard.task) as [keyof typeof guard.task, unknown][];
      return fields.every(([field, read]) => JSON.stringify(task[field]) === JSON.stringify(read));
    }
    case 'all_met':
      return isWaiting && task.done.length === task.need;
    case 'last_dependency':
      return (
        isWaiting &&
        task.bodyHash === guard.bodyHash &&
        task.done.length === guard.others &&
        !task.done.includes(guard.ordinal)
      );
    case 'some_failed':
      return task.status === 'waiting' && task.failed.length > 0;
    case 'none_failed':
      return task.status === 'blocked' && task.failed.length === 0;
  }
}

/** The task after a change. */
export function changed({ task, indexEntry }: Stored, change: Change): Stored {
  const after: TaskRecord = { ...task, ...change.set };
  for (const field of change.clear ?? []) if (!(field in change.set)) Reflect.deleteProperty(after, field);
  if (change.nextAttempt) after.attempt += 1;
  after.done = ordered([...after.done, ...(change.met ?? [])]);
  after.failed = ordered([...after.failed, ...(change.failed ?? [])].filter((n) => !change.unfailed?.includes(n)));
  return { task: after, indexEntry: change.indexEntry ?? indexEntry };
}

/** The task after a transition; undefined when its guard does not hold. */
export function applied(stored: Stored, { guard, change }: Transition): Stored | undefined {
  return holds(guard, stored.task) ? changed(stored, change) : undefined;
}

/** The task after it was told how a dependency stands. What is met stays met. */
export function marked(stored: Stored, ordinal: number, mark: DependencyState): Stored {
  if (mark === 'failed' && stored.task.done.includes(ordinal)) return stored;
  const changes: Record<DependencyState, Change> = {
    met: { set: {}, met: [ordinal], unfailed: [ordinal] },
    failed: { set: {}, failed: [ordinal] },
    unfailed: { set: {}, unfailed: [ordinal] },
  };
  return changed(stored, changes[mark]);
}

/** Where a task in this state must be found, so that whoever has to act on it next finds it. */
export function placeFor(task: TaskRecord): IndexEntry['in'] {
  if (task.status === 'waiting' || task.status === 'blocked') return 'checks';
  if (task.status === 'pending') return task.dueAt === undefined ? 'lane' : 'timers';
  if (task.status === 'assigned' || task.status === 'running') return 'timers';
  return 'ended';
}

const ordered = (ordinals: readonly number[]) => [...new Set(ordinals)].sort((one, other) => one - other);
