import { isHeld, type TaskFields, type TaskRecord } from './task.ts';

/**
 * The task as it is shown, with times that follow each other: each process has a clock of its own, and one that lags behind
 * writes a time before that of what it follows. Not for decisions: they compare what was read with what is stored.
 */
export function inTimeOrder<T extends TaskRecord>(task: T): T {
  const { offer, assignedBy, assignedAt, startedAt, endedAt, readyAt = 0 }: TaskFields = task;
  let since = task.createdAt;
  const log = task.log.map((entry) => {
    const ordered = inOrder(entry, since);
    since = ordered.at;
    return ordered;
  });
  // Who assigns by hand does not mind the wait before a retry.
  const hasWaited = assignedBy !== 'manual' && (isHeld(task) || task.status === 'completed');
  const hold =
    log.find((entry) => offer !== undefined && entry.offer === offer) ??
    inOrder<Times>({ at: 0, assignedAt, startedAt }, hasWaited ? Math.max(since, readyAt) : since);
  return {
    ...task,
    log,
    ...(assignedAt !== undefined && { assignedAt: hold.assignedAt }),
    ...(startedAt !== undefined && { startedAt: hold.startedAt }),
    ...(endedAt !== undefined && { endedAt: Math.max(endedAt, since, hold.at) }),
  };
}

type Times = { at: number } & { [Time in 'assignedAt' | 'startedAt']?: number | undefined };

/** An attempt that follows a time, with times that follow it and each other. */
function inOrder<E extends Times>(entry: E, since: number): E {
  const assignedAt = Math.max(entry.assignedAt ?? 0, since);
  const startedAt = Math.max(entry.startedAt ?? 0, assignedAt);
  return {
    ...entry,
    at: Math.max(entry.at, startedAt),
    ...(entry.assignedAt !== undefined && { assignedAt }),
    ...(entry.startedAt !== undefined && { startedAt }),
  };
}
