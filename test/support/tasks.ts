import { nameTag } from '#shared/domain/hash.ts';
import { expect } from 'vitest';
import { complete, fail, start, take, type Recipient, type Offer } from '#shared/domain/holding.ts';
import { cancel } from '#shared/domain/lifecycle.ts';
import { pendingEntry } from '#shared/domain/index-entries.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import {
  isIn,
  type AssignedTask,
  type BlockedTask,
  type CancelledTask,
  type CompletedTask,
  type FailedTask,
  type PendingTask,
  type RunProgress,
  type RunningTask,
  type TaskIn,
  type TaskRecord,
  type WaitingTask,
} from '#shared/domain/task.ts';
import type { Status } from '#shared/contract/nouns.ts';
import type { Transition } from '#shared/domain/transition.ts';
import type { Offered } from '#shared/ports.ts';
import { applied, type Stored } from './task-model.ts';

/** Matches an object without entries: `{}` in `toMatchObject` matches any object. */
export const empty: unknown = expect.toSatisfy((value: object) => Object.keys(value).length === 0, 'is empty');

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** When the tasks below are created, and when they change by default. */
export const morning = Date.UTC(2026, 10, 10, 9);

type PendingFields = Partial<Omit<PendingTask, 'status'>>;

/** A pending task created in the morning. */
export function aTask(fields: PendingFields = {}): PendingTask {
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

type WaitingFields = Partial<Omit<WaitingTask, 'status'>>;

/** A task that waits for this many dependencies, none of which is met. */
export function aWaitingTask(need: number, fields: WaitingFields = {}): WaitingTask {
  const { readyAt: _pendingOnly, ...task } = aTask();
  return { ...task, need, checkEveryMs: 10 * minute, ...fields, status: 'waiting' };
}

/** The same, but blocked. */
export const aBlockedTask = (need: number, fields: WaitingFields = {}): BlockedTask => ({
  ...aWaitingTask(need, fields),
  status: 'blocked',
});

/** A task's exclusions, by agent name, as stored. */
export const excluding = (agents: Record<string, number>): TaskRecord['excluded'] =>
  Object.fromEntries(Object.entries(agents).map(([agentId, until]) => [nameTag(agentId), until]));

export const anOffer = (fields: Partial<Offer> = {}): Offer => ({
  agentId: 'ada',
  token: `${morning.toString(36)}.ada`,
  by: 'router',
  start: false,
  ...fields,
});

export const aRecipient = (fields: Partial<Recipient> = {}): Recipient => ({
  token: 'claim-1',
  instance: undefined,
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

/** Asserts the state of a task. */
export function inState<S extends Status>(status: S, task: TaskRecord): TaskIn<S> {
  if (!isIn(task, [status])) throw new Error(`The task is ${task.status}, not ${status}.`);
  return task;
}

/** The task, assigned to ada in the morning. */
export function assignedTask(fields: PendingFields = {}, offer: Partial<Offer> = {}): AssignedTask {
  const task = aTask(fields);
  return inState('assigned', after(task, take(task, anOffer(offer), morning, defaultSettings)));
}

/** The task, assigned to ada in the morning and started at once. */
export function runningTask({ progress, ...fields }: PendingFields & { progress?: RunProgress } = {}): RunningTask {
  const running = inState(
    'running',
    after(assignedTask(fields), start(assignedTask(fields), aRecipient(), morning, defaultSettings)),
  );
  return { ...running, ...(progress && { progress }) };
}

/** The task, run by ada in the morning and completed at once. */
export const completedTask = (fields: PendingFields = {}): CompletedTask =>
  inState('completed', after(runningTask(fields), complete({ agentId: 'ada', attempt: undefined }, {}, morning)));

/** The task, run by ada in the morning and permanently failed at once. */
export function failedTask(fields: PendingFields = {}): FailedTask {
  const failure = { cause: 'failed', shouldRetry: false, report: { report: { error: 'no' } }, fraction: 0 } as const;
  return inState('failed', after(runningTask(fields), fail(runningTask(fields), failure, morning, defaultSettings)));
}

/** A task cancelled in the morning. */
export const cancelledTask = (task: TaskRecord = aTask()): CancelledTask =>
  inState('cancelled', after(task, cancel(task, undefined, morning)));

/** Tasks with these ids and a timeout of an hour, to be offered. */
export const toOffer = (...ids: readonly string[]): Offered[] => ids.map((id) => ({ id, timeoutMs: hour }));
