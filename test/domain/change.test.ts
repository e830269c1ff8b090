import { describe, expect, test } from 'vitest';
import { eventOf, freedHold, readyWakeUp } from '#shared/domain/task-change.ts';
import { assign, complete, fail, requeue, renew, start } from '#shared/domain/holding.ts';
import { cancel, enterLane } from '#shared/domain/lifecycle.ts';
import { pendingEntry } from '#shared/domain/index-entries.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import type { TaskRecord } from '#shared/domain/task.ts';
import {
  aTask,
  after,
  anOffer,
  assignedTask,
  aWaitingTask,
  minute,
  morning,
  runningTask,
  second,
  aBlockedTask,
  failedTask,
  cancelledTask,
  aRecipient,
} from '../support/tasks.ts';

const change = (before: TaskRecord | undefined, after: TaskRecord | undefined) => ({
  id: 'change-1',
  at: morning,
  before,
  after,
});
const failure = { cause: 'failed', shouldRetry: true, report: {}, fraction: 0 } as const;
const failed = after(runningTask(), fail(runningTask(), failure, morning, defaultSettings));
const released = after(runningTask(), requeue(runningTask(), { cause: 'released' }, morning, defaultSettings));
const completed = after(runningTask(), complete({ agentId: 'ada', attempt: 1 }, {}, morning));

describe('the router is woken', () => {
  const delayOf = (before: TaskRecord | undefined, now: TaskRecord | undefined) =>
    readyWakeUp(change(before, now), morning)?.delayMs;

  test('for a task that becomes ready: created, released by its dependencies, requeued', () => {
    expect(readyWakeUp(change(undefined, aTask()), morning)).toMatchObject({ task: { id: 'task-1' }, delayMs: 0 });
    expect(delayOf(aWaitingTask(1), aTask({ need: 1, done: [0] }))).toBe(0);
    expect(delayOf(runningTask(), released)).toBe(0);
  });

  test('when a delay ends, if that is within 15 minutes, the maximum message delay', () => {
    expect(delayOf(runningTask(), failed)).toBe(2 * second);
    expect(delayOf(undefined, aTask({ dueAt: morning + 15 * minute }))).toBe(15 * minute);
    expect(delayOf(undefined, aTask({ dueAt: morning + 15 * minute + 1 }))).toBeUndefined();
  });

  test('when the delay of a task to be claimed ends, but not when the task enters its lane', () => {
    const delayed = aTask({ routing: 'manual', dueAt: morning + minute, readyAt: morning + minute });
    expect(delayOf(undefined, delayed)).toBe(minute);
    expect(delayOf(delayed, aTask({ routing: 'manual', readyAt: morning + minute }))).toBeUndefined();
  });

  test('when the sweep puts a delayed task into its lane', () => {
    const delayed = aTask({ dueAt: morning - second });
    const entered = after(
      delayed,
      enterLane(delayed, pendingEntry(delayed, morning - second, morning, defaultSettings)),
    );
    expect(delayOf(delayed, entered)).toBe(0);
  });

  test('not for tasks to be claimed, nor for what it already knows', () => {
    expect(delayOf(undefined, aTask({ routing: 'manual' }))).toBeUndefined();
    expect(delayOf(aTask(), aTask({ excluded: { ada: morning } }))).toBeUndefined();
    expect(delayOf(undefined, aWaitingTask(1))).toBeUndefined();
    expect(delayOf(aTask(), runningTask())).toBeUndefined();
    expect(delayOf(aTask(), undefined)).toBeUndefined();
  });
});

describe('a hold', () => {
  test('continues through the start and heartbeats', () => {
    expect(freedHold(change(aTask(), assignedTask()))).toBeUndefined();
    const started = after(assignedTask(), start(assignedTask(), aRecipient(), morning, defaultSettings));
    expect(freedHold(change(assignedTask(), started))).toBeUndefined();
    const renewed = after(runningTask(), renew(runningTask(), undefined, morning + minute, defaultSettings));
    expect(freedHold(change(runningTask(), renewed))).toBeUndefined();
  });

  test('ends when the task leaves the agent in any way', () => {
    const hold = { agentId: 'ada', taskId: 'task-1', offer: anOffer().token };
    const toBob = anOffer({ agentId: 'bob', token: 'bob-1', by: 'manual' });
    const reassigned = after(assignedTask(), assign(assignedTask(), toBob, morning, defaultSettings));
    const cancelled = after(runningTask(), cancel(runningTask(), undefined, morning));
    expect(freedHold(change(assignedTask(), reassigned))).toEqual(hold);
    for (const end of [completed, failed, released, cancelled, undefined])
      expect(freedHold(change(runningTask(), end))).toEqual(hold);
  });
});

describe('the event of a change', () => {
  const typeOf = (before: TaskRecord | undefined, now: TaskRecord | undefined) => eventOf(change(before, now))?.type;

  test.each([
    ['Task Ready', undefined, aTask()],
    ['Task Ready', aWaitingTask(1), aTask({ need: 1, done: [0] })],
    ['Task Ready', aBlockedTask(1), aTask({ need: 1, done: [0] })],
    ['Task Assigned', aTask(), assignedTask()],
    ['Task Assigned', assignedTask(), assignedTask({ attempt: 1 })],
    ['Task Started', assignedTask(), runningTask()],
    ['Task Started', aTask(), runningTask()],
    ['Task Completed', runningTask(), completed],
    ['Task Failed', runningTask(), failedTask()],
    ['Task Blocked', aWaitingTask(1), aBlockedTask(1, { failed: [0] })],
    ['Task Blocked', undefined, aBlockedTask(1, { failed: [0] })],
    ['Task Cancelled', aTask(), cancelledTask()],
    ['Task Requeued', runningTask(), released],
    ['Task Requeued', failedTask(), aTask()],
    ['Task Requeued', cancelledTask(), aWaitingTask(1)],
    ['Task Requeued', aBlockedTask(1), aWaitingTask(1)],
  ])('is %s', (type, before, now) => {
    expect(typeOf(before, now)).toBe(type);
  });

  test('does not exist for a task that starts waiting, a change without a new status, or a deletion', () => {
    expect(typeOf(undefined, aWaitingTask(1))).toBeUndefined();
    expect(typeOf(runningTask(), runningTask({ progress: { percent: 1 } }))).toBeUndefined();
    expect(typeOf(completed, undefined)).toBeUndefined();
  });

  test('names the task but never its content or result', () => {
    const done = {
      ...completed,
      graphId: 'graph-1',
      payload: { content: 'secret', dependencies: [] },
      report: { result: 'secret' },
    };
    const event = eventOf(change(runningTask(), done));
    expect(event?.detail).toEqual({
      event_id: 'change-1',
      schema_version: 1,
      occurred_at: new Date(morning).toISOString(),
      task_id: 'task-1',
      task_type: 'general',
      status: 'completed',
      previous_status: 'running',
      attempt: 1,
      assigned_to: 'ada',
      graph_id: 'graph-1',
    });
  });
});
