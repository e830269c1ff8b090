import { isHeld, type TaskFields, type TaskRecord } from './task.ts';

/**
 * The task as shown, with times in order: every process has its own clock, and a clock that lags may write a time
 * before that of the preceding event. Not for decisions: those compare what was read with what is stored.
 */
export function inTimeOrder<T extends TaskRecord>(task: T): T {
  const { offer, assignedBy, assignedAt, startedAt, endedAt, readyAt = 0 }: TaskFields = task;
  let since = task.createdAt;
  const log = task.log.map((entry) => {
    const ordered = inOrder(entry, since);
    since = ordered.at;
    return ordered;
  });
  // A manual assignment ignores the retry delay.
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

/** An attempt whose times are in order and not before a given time. */
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
