import type { TaskRecord } from '#shared/domain/task.ts';
import type { Guard } from '#shared/domain/transition.ts';
import {
  aTask,
  aWaitingTask,
  hour,
  minute,
  morning,
  aBlockedTask,
  assignedTask,
  runningTask,
  completedTask,
  cancelledTask,
  excluding,
} from './tasks.ts';

export interface GuardCase {
  guard: Guard;
  /** Tasks that satisfy the guard, by what is special about them. */
  holds: Record<string, TaskRecord>;
  /** Tasks that do not, by the one clause that fails. */
  refuses: Record<string, TaskRecord>;
}

const held = { attempt: 2, offer: 'offer-2', leaseUntil: morning + minute };
const assigned = { ...assignedTask(), ...held };
const running = { ...runningTask(), ...held };
const completed = completedTask({ attempt: 1 });
const cancelled = cancelledTask(aWaitingTask(3, { done: [0], failed: [1] }));
const lastOf3: Guard = { is: 'last_dependency', bodyHash: 'body-1', ordinal: 2, others: 2 };
const onlyOne: Guard = { is: 'last_dependency', bodyHash: 'body-1', ordinal: 0, others: 0 };

/** For each guard, tasks that satisfy it, and tasks that fail a single clause of it. */
export const guardCases: Record<string, GuardCase> = {
  'ready for ada': {
    guard: { is: 'ready_for', agentId: 'ada', attempt: undefined, now: morning },
    holds: {
      'due, and no longer excluded': aTask({ dueAt: morning, excluded: excluding({ ada: morning }) }),
      'without delay or exclusions': aTask(),
      'that excludes another agent': aTask({ excluded: excluding({ bob: morning + minute }) }),
    },
    refuses: {
      'is not pending': running,
      'is not due yet': aTask({ dueAt: morning + 1 }),
      'excludes the agent': aTask({ excluded: excluding({ ada: morning + 1 }) }),
    },
  },
  'ready for ada for the first time': {
    guard: { is: 'ready_for', agentId: 'ada', attempt: 0, now: morning },
    holds: {
      'was never held': aTask(),
      'is due, and no longer excludes it': aTask({ dueAt: morning, excluded: excluding({ ada: morning }) }),
    },
    refuses: {
      'was held before': aTask({ attempt: 1 }),
      'is not pending': { ...assignedTask(), attempt: 0 },
      'is not due yet': aTask({ dueAt: morning + 1 }),
      'excludes the agent': aTask({ excluded: excluding({ ada: morning + 1 }) }),
    },
  },
  'ready for ada after two attempts': {
    guard: { is: 'ready_for', agentId: 'ada', attempt: 2, now: morning },
    holds: {
      'was held twice': aTask({ attempt: 2 }),
      'is due, and no longer excludes it': aTask({
        attempt: 2,
        dueAt: morning,
        excluded: excluding({ ada: morning }),
      }),
    },
    refuses: {
      'was held three times': aTask({ attempt: 3 }),
      'was never held': aTask(),
      'is not due yet': aTask({ attempt: 2, dueAt: morning + 1 }),
      'excludes the agent': aTask({ attempt: 2, excluded: excluding({ ada: morning + 1 }) }),
      'is not pending': { ...assignedTask(), attempt: 2 },
    },
  },
  'assigned under an offer': {
    guard: { is: 'assigned_under', offer: 'offer-2', instance: undefined, timerAt: morning + hour },
    holds: {
      'to any process': assigned,
      'with its timer right at the lease': { ...assigned, leaseUntil: morning + hour },
    },
    refuses: {
      'is started': running,
      'is assigned under another offer': { ...assigned, offer: 'offer-3' },
      'was delivered to a process': { ...assigned, instance: 'process-1' },
      'has a later timer': { ...assigned, leaseUntil: morning + hour + 1 },
    },
  },
  'assigned under an offer, to this process': {
    guard: { is: 'assigned_under', offer: 'offer-2', instance: 'process-1', timerAt: morning + hour },
    holds: { 'to any process': assigned, 'to it': { ...assigned, instance: 'process-1' } },
    refuses: {
      'is started': { ...running, instance: 'process-1' },
      'is assigned under another offer': { ...assigned, offer: 'offer-3' },
      'was delivered to another process': { ...assigned, instance: 'process-2' },
      'has a later timer': { ...assigned, leaseUntil: morning + hour + 1 },
    },
  },
  'run by ada': {
    guard: { is: 'run_by', agentId: 'ada', attempt: undefined },
    holds: { 'in any attempt': running },
    refuses: {
      'is not started': assigned,
      'has ended': completed,
      'is run by another': { ...running, agentId: 'bob' },
    },
  },
  'run by ada in attempt 2': {
    guard: { is: 'run_by', agentId: 'ada', attempt: 2 },
    holds: { 'in this attempt': running },
    refuses: {
      'is in a later attempt': { ...running, attempt: 3 },
      'is not started': assigned,
      'is run by another': { ...running, agentId: 'bob' },
    },
  },
  'run by this process of ada': {
    guard: { is: 'run_by', agentId: 'ada', attempt: 2, instance: 'process-1' },
    holds: { 'was delivered to it': { ...running, instance: 'process-1' } },
    refuses: {
      'was delivered to another process': { ...running, instance: 'process-2' },
      'was delivered to an unnamed process': running,
      'is not started': { ...assigned, instance: 'process-1' },
      'is in a later attempt': { ...running, attempt: 3, instance: 'process-1' },
      'is run by another': { ...running, agentId: 'bob', instance: 'process-1' },
    },
  },
  'run by this process of ada in any attempt': {
    guard: { is: 'run_by', agentId: 'ada', attempt: undefined, instance: 'process-1' },
    holds: { 'was delivered to it': { ...running, attempt: 7, instance: 'process-1' } },
    refuses: {
      'was delivered to another process': { ...running, instance: 'process-2' },
      'is not started': { ...assigned, instance: 'process-1' },
      'is run by another': { ...running, agentId: 'bob', instance: 'process-1' },
    },
  },
  'as it was when it was held': {
    guard: {
      is: 'unchanged',
      task: { status: 'running', attempt: 2, offer: 'offer-2', leaseUntil: morning + minute },
    },
    holds: { 'that has only reported progress': { ...running, progress: { percent: 50 } } },
    refuses: {
      'has another status': assigned,
      'is in a later attempt': { ...running, attempt: 3 },
      'is held under another offer': { ...running, offer: 'offer-3' },
      'has a renewed lease': { ...running, leaseUntil: morning + 2 * minute },
      'no longer has a lease': completed,
    },
  },
  'as it was when it was delayed': {
    guard: { is: 'unchanged', task: { status: 'pending', attempt: 0, dueAt: morning } },
    holds: { 'that is still delayed': aTask({ dueAt: morning }) },
    refuses: {
      'was delayed again': aTask({ dueAt: morning + minute }),
      'has entered its lane': aTask(),
      'was attempted': aTask({ attempt: 1, dueAt: morning }),
      'has another status': { ...assignedTask(), attempt: 0, dueAt: morning } as TaskRecord,
    },
  },
  'as it was when it ended': {
    guard: { is: 'unchanged', task: { status: 'cancelled', attempt: 0, endedAt: morning, done: [0], failed: [1] } },
    holds: { 'that was not retried': cancelled },
    refuses: {
      'ended again': { ...cancelled, endedAt: morning + 1 },
      'was attempted': { ...cancelled, attempt: 1 },
      'has another status': { ...cancelled, status: 'failed' } as TaskRecord,
      'has another dependency met': { ...cancelled, done: [0, 2] },
      'has no dependency met': { ...cancelled, done: [] },
      'has another dependency failed': { ...cancelled, failed: [1, 2] },
      'has no dependency failed': { ...cancelled, failed: [] },
    },
  },
  'as it was when it was read for the third decision about its graph': {
    guard: { is: 'unchanged', task: { status: 'pending', attempt: 0 }, before: 3 },
    holds: { 'that follows none': aTask(), 'that follows an earlier one': aTask({ decision: 2 }) },
    refuses: {
      'follows this one': aTask({ decision: 3 }),
      'follows a later one': aTask({ decision: 4 }),
      'was attempted': aTask({ attempt: 1 }),
      'has another status': { ...assignedTask(), attempt: 0 },
    },
  },
  'as it was without any dependency state': {
    guard: { is: 'unchanged', task: { status: 'waiting', attempt: 0, done: [], failed: [] } },
    holds: { 'that still waits': aWaitingTask(2) },
    refuses: {
      'has a dependency met': aWaitingTask(2, { done: [0] }),
      'has a dependency failed': aWaitingTask(2, { failed: [0] }),
      'was attempted': aWaitingTask(2, { attempt: 1 }),
      'is blocked': aBlockedTask(2),
    },
  },
  'waiting with all dependencies met': {
    guard: { is: 'all_met', attempt: 0 },
    holds: {
      'that waits': aWaitingTask(2, { done: [0, 1] }),
      'that is blocked': aBlockedTask(2, { done: [0, 1], failed: [1] }),
    },
    refuses: {
      'does not wait': aTask({ need: 2, done: [0, 1] }),
      'was cancelled': cancelledTask(aTask({ need: 2, done: [0, 1] })),
      'has an open dependency': aWaitingTask(2, { done: [0] }),
      'has no dependency met': aWaitingTask(2),
      'was held since': aWaitingTask(2, { done: [0, 1], attempt: 1 }),
    },
  },
  'waiting with everything met, after two attempts': {
    guard: { is: 'all_met', attempt: 2 },
    holds: { 'that waits': aWaitingTask(2, { done: [0, 1], attempt: 2 }) },
    refuses: {
      'was held since': aWaitingTask(2, { done: [0, 1], attempt: 3 }),
      'does not wait': aTask({ need: 2, done: [0, 1], attempt: 2 }),
      'has an open dependency': aWaitingTask(2, { done: [0], attempt: 2 }),
    },
  },
  'waiting for this dependency only': {
    guard: lastOf3,
    holds: {
      'that waits': aWaitingTask(3, { done: [0, 1] }),
      'that is blocked': aBlockedTask(3, { done: [0, 1], failed: [2] }),
    },
    refuses: {
      'does not wait': aTask({ need: 3, done: [0, 1] }),
      'has another body': aWaitingTask(3, { done: [0, 1], bodyHash: 'body-2' }),
      'has another open dependency': aWaitingTask(3, { done: [0] }),
      'has everything met': aWaitingTask(3, { done: [0, 1, 2] }),
      'has this one met and another open': aWaitingTask(3, { done: [0, 2] }),
      'was held before': aWaitingTask(3, { done: [0, 1], attempt: 1 }),
    },
  },
  'waiting for its only dependency': {
    guard: onlyOne,
    holds: { 'that waits': aWaitingTask(1), 'that is blocked': aBlockedTask(1, { failed: [0] }) },
    refuses: {
      'does not wait': aTask({ need: 1 }),
      'has another body': aWaitingTask(1, { bodyHash: 'body-2' }),
      'has it met': aWaitingTask(1, { done: [0] }),
      'was held before': aWaitingTask(1, { attempt: 1 }),
    },
  },
  'waiting with a failed dependency': {
    guard: { is: 'some_failed' },
    holds: { 'that waits': aWaitingTask(2, { failed: [1] }) },
    refuses: {
      'is blocked already': aBlockedTask(2, { failed: [1] }),
      'has none failed': aWaitingTask(2, { done: [1] }),
    },
  },
  'waiting or blocked, and this dependency has failed': {
    guard: { is: 'this_failed', ordinal: 1 },
    holds: {
      'that waits': aWaitingTask(2, { failed: [1] }),
      'that is blocked': aBlockedTask(2, { failed: [0, 1] }),
    },
    refuses: {
      'has another one failed': aBlockedTask(2, { failed: [0] }),
      'has none failed': aWaitingTask(2),
      'was cancelled': cancelledTask(aTask({ need: 2, failed: [1] })),
      'was released': aTask({ need: 2, failed: [1] }),
    },
  },
  'blocked without a failed dependency': {
    guard: { is: 'none_failed' },
    holds: { 'that is blocked': aBlockedTask(2) },
    refuses: {
      'waits already': aWaitingTask(2),
      'has one failed': aBlockedTask(2, { failed: [0] }),
    },
  },
};
