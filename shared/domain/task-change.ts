import { eventTypes, publicEvents, releaseEvent, type EventType } from '../schema.ts';
import { isInLane } from './index-entries.ts';
import { times, type Settings } from './settings.ts';
import { failsDependents, holdOf, isHeld, type TaskRecord } from './task.ts';

/** A committed change of a task. Without `before` it was created, without `after` deleted. */
export interface TaskChange {
  /** The same each time the change is delivered. */
  id: string;
  at: number;
  before: TaskRecord | undefined;
  after: TaskRecord | undefined;
}

/**
 * What the router should look at after this change, and in how many milliseconds: a task that it may assign, or one
 * whose delay ends, so that it enters its lane.
 */
export function readyWakeUp(
  { before, after }: TaskChange,
  now: number,
): { task: TaskRecord; delayMs: number } | undefined {
  if (after?.status !== 'pending' || (after.routing === 'manual' && isInLane(after))) return undefined;
  const wasPending = before?.status === 'pending' && before.attempt === after.attempt;
  // A delay that ends is news: agents that became free in the meantime did not find the task in its lane.
  if (wasPending && before.dueAt === after.dueAt) return undefined;
  const delayMs = Math.max(0, (after.dueAt ?? now) - now);
  return delayMs > times.maxWakeUpDelayMs ? undefined : { task: after, delayMs };
}

/** The hold that ended with this change. */
export function freedHold({
  before,
  after,
}: TaskChange): { agentId: string; taskId: string; offer: string } | undefined {
  if (!before || !isHeld(before)) return undefined;
  if (after && isHeld(after) && after.offer === before.offer) return undefined;
  return { agentId: before.agentId, taskId: before.id, offer: before.offer };
}

const ofStatus = {
  assigned: eventTypes.assigned,
  running: eventTypes.started,
  completed: eventTypes.completed,
  failed: eventTypes.failed,
  blocked: eventTypes.blocked,
  cancelled: eventTypes.cancelled,
} as const;

/** The event for this change, without what only the task's edges know; undefined if it has none. */
export function eventOf({ id, at, before, after }: TaskChange) {
  if (!after || (before?.status === after.status && before.attempt === after.attempt)) return undefined;
  const type = typeOf(before, after);
  if (type === undefined) return undefined;
  const hold = holdOf(after);
  return {
    type,
    detail: {
      event_id: id,
      schema_version: 1 as const,
      occurred_at: new Date(at).toISOString(),
      task_id: after.id,
      task_type: after.type,
      status: after.status,
      ...(before && { previous_status: before.status }),
      attempt: after.attempt,
      ...(hold && { assigned_to: hold.agentId }),
      ...(after.graphId !== undefined && { graph_id: after.graphId }),
    },
  };
}

export type PublicEvent = NonNullable<ReturnType<typeof eventOf>>;

/** Whether the operator wants this event on the bus. */
export const isPublic = ({ type }: PublicEvent, settings: Pick<Settings, 'publicEvents'>): boolean =>
  publicEvents[settings.publicEvents].some((one) => one === type);

/** The event that starts the release of a task's dependents, which do not reflect its status yet. */
export const releaseEventOf = ({ id, status }: Pick<TaskRecord, 'id' | 'status'>) => ({
  type: releaseEvent.type,
  detail: { task_id: id, status },
});

export type ReleaseEvent = ReturnType<typeof releaseEventOf>;

/** Whether this change affects the task's dependents. */
export function affectsDependents(before: TaskRecord | undefined, after: TaskRecord): boolean {
  if (before?.status === after.status) return false;
  if (after.status === 'completed' || failsDependents(after.status)) return true;
  return before !== undefined && failsDependents(before.status);
}

function typeOf(before: TaskRecord | undefined, after: TaskRecord): EventType | undefined {
  if (after.status !== 'pending' && after.status !== 'waiting') return ofStatus[after.status];
  const isRequeued = before !== undefined && before.status !== 'waiting' && before.status !== 'pending';
  if (isRequeued && !(before.status === 'blocked' && after.status === 'pending')) return eventTypes.requeued;
  return after.status === 'pending' ? eventTypes.ready : undefined;
}
