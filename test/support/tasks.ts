import { expect } from 'vitest';
import { start, take, type Offer } from '#shared/domain/holding.ts';
import { pendingEntry } from '#shared/domain/index-entries.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import { isHeld, isRunning, type HeldTask, type RunningTask, type TaskRecord } from '#shared/domain/task.ts';
import type { Transition } from '#shared/domain/transition.ts';
import { applied, type Stored } from './task-model.ts';

/** An object without entries: `{}` in `toMatchObject` means any object. */
export const empty: unknown = expect.toSatisfy((value: object) => Object.keys(value).length === 0, 'is empty');

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** When the tasks below are created, and the time at which they change unless a test says otherwise. */
export const morning = Date.UTC(2026, 10, 10, 9);

/** A pending task that was created in the morning. */
export function aTask(fields: Partial<TaskRecord> = {}): TaskRecord {
  return {
    id: 'task-1',
    type: 'general',
    priority: 'medium',
    lane: 'python',
    routing: 'auto',
    policy: 'block',
    timeoutMs: hour,
    maxAttempts: 3,
    createdAt: morning,
    bodyHash: 'body-1',
    status: 'pending',
    attempt: 0,
    retryCount: 0,
    need: 0,
    done: [],
    failed: [],
    readyAt: morning,
    excluded: {},
    log: [],
    ...fields,
  };
}

/** A task that waits for so many dependencies, none of which is met. */
export function aWaitingTask(need: number, fields: Partial<TaskRecord> = {}): TaskRecord {
  const { readyAt: _pendingOnly, ...task } = aTask({ status: 'waiting', need, checkEveryMs: 10 * minute, ...fields });
  return task;
}

export const anOffer = (fields: Partial<Offer> = {}): Offer => ({
  agentId: 'ada',
  token: `${morning.toString(36)}.ada`,
  by: 'router',
  start: false,
  ...fields,
});

/** The task after a transition that must be possible. */
export function after(task: TaskRecord, transition: Transition): TaskRecord {
  return storedAfter(task, transition).task;
}

/** The same, with its index entry. */
export function storedAfter(task: TaskRecord, transition: Transition): Stored {
  const indexEntry = pendingEntry(
    task,
    task.readyAt ?? task.createdAt,
    task.readyAt ?? task.createdAt,
    defaultSettings,
  );
  const stored = applied({ task, indexEntry }, transition);
  if (!stored) throw new Error(`The guard ${transition.guard.is} does not hold for a ${task.status} task.`);
  return stored;
}

/** The task, assigned to ada in the morning. */
export function assignedTask(fields: Partial<TaskRecord> = {}, offer: Partial<Offer> = {}): HeldTask {
  const task = aTask(fields);
  const assigned = after(task, take(anOffer(offer), task.timeoutMs, morning, defaultSettings));
  if (!isHeld(assigned)) throw new Error('The task was not taken.');
  return assigned;
}

/** The task, assigned to ada in the morning and started at once. */
export function runningTask(fields: Partial<TaskRecord> = {}): RunningTask {
  const task = after(assignedTask(fields), start(assignedTask(fields), morning, defaultSettings));
  if (!isRunning(task)) throw new Error('The task was not started.');
  return task;
}
