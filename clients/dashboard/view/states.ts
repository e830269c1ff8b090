import type { TaskSummary } from '#shared/contract/task.ts';

export type Status = TaskSummary['status'];

/** In the order of a task's life. */
export const statuses: readonly Status[] = [
  'waiting',
  'blocked',
  'pending',
  'assigned',
  'running',
  'completed',
  'failed',
  'cancelled',
];

export const openStatuses = [
  'waiting',
  'blocked',
  'pending',
  'assigned',
  'running',
] as const satisfies readonly Status[];

/** The meaning of a task's state, as a tooltip. */
export const meaningOf: Readonly<Record<Status, string>> = {
  waiting: 'Has dependencies that are not completed',
  blocked: 'A dependency failed, was cancelled or is blocked',
  pending: 'Ready; no agent has it yet',
  assigned: 'Assigned to an agent, not started yet',
  running: 'An agent is working on it',
  completed: 'The result is stored',
  failed: 'Will not be retried automatically',
  cancelled: 'Stopped on request',
};

const ended: readonly Status[] = ['completed', 'failed', 'cancelled'];

/** Whether a task only changes when it is retried. */
export const isEnded = (status: Status) => ended.includes(status);

export const canCancel = (status: Status) => !isEnded(status);
export const canRetry = (status: Status) => status === 'failed' || status === 'cancelled';

/** A task that the router assigned and no agent has started can still be reassigned. */
export const canAssign = (status: Status) => status === 'pending' || status === 'assigned';
