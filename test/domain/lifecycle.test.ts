import { describe, expect, test } from 'vitest';
import { complete } from '#shared/domain/holding.ts';
import { cancel, enterLane, checkAgainAt, retry } from '#shared/domain/lifecycle.ts';
import { pendingEntry } from '#shared/domain/index-entries.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import { holdOf } from '#shared/domain/task.ts';
import { holds, marked } from '../support/task-model.ts';
import {
  after,
  assignedTask,
  aTask,
  aWaitingTask,
  empty,
  hour,
  minute,
  morning,
  runningTask,
  storedAfter,
  aBlockedTask,
  failedTask,
  cancelledTask,
} from '../support/tasks.ts';

const anywhere = { in: 'checks', at: 0 } as const;

describe('cancelling', () => {
  test.each([
    ['waiting', aWaitingTask(1)],
    ['blocked', aBlockedTask(1, { failed: [0] })],
    ['pending', aTask()],
    ['delayed', aTask({ dueAt: morning + hour })],
    ['assigned', assignedTask()],
    ['running', runningTask({ progress: { percent: 1 } })],
  ] as const)('ends a %s task at once and removes everything that only an open task has', (_, task) => {
    const { task: cancelled, indexEntry } = storedAfter(task, cancel(task, 'not needed', morning));
    expect(cancelled).toMatchObject({ status: 'cancelled', endedAt: morning });
    expect(cancelled.log.at(-1)).toMatchObject({ status: 'cancelled', cause: 'cancelled', reason: 'not needed' });
    for (const gone of ['leaseUntil', 'dueAt', 'progress', 'checkEveryMs']) expect(cancelled).not.toHaveProperty(gone);
    expect(indexEntry).toEqual({ in: 'ended', status: 'cancelled', at: morning, agentId: holdOf(task)?.agentId });
  });

  test('loses against an earlier report', () => {
    const completed = after(runningTask(), complete({ agentId: 'ada', attempt: 1 }, {}, morning));
    expect(holds(cancel(runningTask(), undefined, morning).guard, completed)).toBe(false);
  });
});

describe('retrying by hand', () => {
  const cancelledWaiting = (...task: Parameters<typeof aWaitingTask>) => cancelledTask(aWaitingTask(...task));

  test('begins with fresh retries, without exclusions, reports or a holder, but never with an older attempt', () => {
    const failed = failedTask({ retryCount: 2, attempt: 6, excluded: { bob: morning + hour } });
    const { task, indexEntry } = storedAfter(failed, retry(failed, [], morning + minute, defaultSettings));
    expect(task).toMatchObject({
      status: 'pending',
      attempt: 7,
      retryCount: 0,
      excluded: empty,
      readyAt: morning + minute,
    });
    for (const gone of ['endedAt', 'report', 'reportRef', 'durationMs', 'agentId', 'offer', 'assignedAt', 'startedAt'])
      expect(task).not.toHaveProperty(gone);
    expect(task.log.map(({ cause }) => cause)).toEqual(['failed', 'retried']);
    expect(indexEntry).toMatchObject({ in: 'lane' });
  });

  test('decides by the current states of the dependencies', () => {
    const cancelled = cancelledWaiting(2, { failed: [0, 1] });
    const retried = (...states: Parameters<typeof retry>[1]) =>
      after(cancelled, retry(cancelled, states, morning, defaultSettings));
    expect(retried('completed', 'completed')).toMatchObject({ status: 'pending', done: [0, 1], failed: [] });
    expect(retried('completed', 'running')).toMatchObject({ status: 'waiting', done: [0], failed: [] });
    expect(retried('failed', 'running')).toMatchObject({ status: 'blocked', done: [], failed: [0] });
  });

  test('waits for not_before like a new task', () => {
    const cancelled = cancelledWaiting(1, { notBefore: morning + hour });
    const { task, indexEntry } = storedAfter(cancelled, retry(cancelled, ['completed'], morning, defaultSettings));
    expect(task).toMatchObject({ status: 'pending', readyAt: morning + hour, dueAt: morning + hour });
    expect(indexEntry).toEqual({ in: 'timers', at: morning + 45 * minute });
  });

  test('fails if somebody else retried the task and it was cancelled again since', () => {
    const cancelled = cancelledWaiting(1);
    const { guard } = retry(cancelled, ['running'], morning, defaultSettings);
    const retried = after(cancelled, retry(cancelled, ['running'], morning + minute, defaultSettings));
    const again = after(retried, cancel(retried, undefined, morning + 2 * minute));
    expect(again).toMatchObject({ status: 'cancelled', attempt: cancelled.attempt });
    expect(holds(guard, again)).toBe(false);
  });

  test('fails if a dependency state was recorded since the dependencies were read', () => {
    const cancelled = cancelledWaiting(2, { failed: [1] });
    const { guard } = retry(cancelled, ['running', 'failed'], morning, defaultSettings);
    const after = (mark: 'failed' | 'unfailed', ordinal: number) =>
      marked({ task: cancelled, indexEntry: anywhere }, ordinal, mark).task;
    expect(holds(guard, cancelled)).toBe(true);
    expect(holds(guard, after('failed', 0))).toBe(false);
    expect(holds(guard, after('unfailed', 1))).toBe(false);
  });
});

describe('a delayed task', () => {
  const delayed = aTask({ attempt: 1, dueAt: morning, readyAt: morning });

  test('enters its lane once when its delay ends', () => {
    const entry = enterLane(delayed, pendingEntry(delayed, morning, morning, defaultSettings));
    const { task, indexEntry } = storedAfter(delayed, entry);
    expect(task).not.toHaveProperty('dueAt');
    expect(indexEntry).toMatchObject({ in: 'lane', lane: 'python' });
    expect(holds(entry.guard, task)).toBe(false);
  });

  test('in its lane is not moved back to the timers by an older sweep', () => {
    const inLane = after(delayed, enterLane(delayed, pendingEntry(delayed, morning, morning, defaultSettings)));
    expect(holds(checkAgainAt(delayed, morning + minute).guard, inLane)).toBe(false);
  });
});

test('rescheduling a check changes only its time', () => {
  const running = runningTask();
  const { task, indexEntry } = storedAfter(running, checkAgainAt(running, morning + hour));
  expect(task).toEqual(running);
  expect(indexEntry).toEqual({ in: 'timers', at: morning + hour });
});
