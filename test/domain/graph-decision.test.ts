import { describe, expect, test } from 'vitest';
import {
  afterRetry,
  byGraphDecision,
  afterGraphDecision,
  mustApply,
  type GraphDecision,
} from '#shared/domain/graph-decision.ts';
import { cancel } from '#shared/domain/lifecycle.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import type { TaskRecord } from '#shared/domain/task.ts';
import {
  aBlockedTask,
  aTask,
  aWaitingTask,
  cancelledTask,
  completedTask,
  failedTask,
  morning,
} from '../support/tasks.ts';

const decision = (kind: GraphDecision['kind']): GraphDecision => ({ kind, number: 3, at: morning, since: 3 });
const tasks = {
  waiting: aWaitingTask(1),
  blocked: aBlockedTask(1),
  pending: aTask(),
  completed: completedTask(),
  failed: failedTask(),
  cancelled: cancelledTask(),
};

describe('a decision about a graph', () => {
  test.for([
    ['cancel', ['waiting', 'blocked', 'pending']],
    ['retry', ['failed', 'cancelled']],
  ] as const)('to %s applies to tasks that are %j', ([kind, statuses]) => {
    const concerned = Object.values(tasks).filter((task) => mustApply(task, decision(kind)));
    expect(concerned.map(({ status }) => status)).toEqual(statuses);
  });

  test('does not apply to a task that already follows it or a later one', () => {
    const follows = (number: number) => !mustApply({ ...tasks.pending, decision: number }, decision('cancel'));
    expect([2, 3, 4].map(follows)).toEqual([false, true, true]);
  });

  test('marks the tasks it changes, as does a change to one task made with knowledge of it', () => {
    const transition = cancel(tasks.pending, undefined, morning);
    expect(byGraphDecision(transition, 3)).toMatchObject({ guard: { before: 3 }, change: { set: { decision: 3 } } });
    expect(afterGraphDecision(transition, 3).guard).toEqual(transition.guard);
    expect(afterGraphDecision(transition, 3).change.set.decision).toBe(3);
    expect(afterGraphDecision(transition, 0)).toBe(transition);
  });
});

describe('when a graph is retried', () => {
  const named = <T extends TaskRecord>(id: string, task: T): T => ({ ...task, id });
  const parent = named('parent', failedTask());
  const stands = (
    members: [TaskRecord, string[]][],
    isRetried: (task: TaskRecord) => boolean,
    external: [string, TaskRecord['status']][] = [],
  ) => {
    const all = members.map(([task, dependencies]) => ({ task, dependencies }));
    return Object.fromEntries(afterRetry(all, new Map(external), isRetried, morning, defaultSettings));
  };
  const ended = (task: TaskRecord) => task.status === 'failed' || task.status === 'cancelled';
  const needing = { need: 1, policy: 'cancel' as const };

  test('a task cancelled because of a failure waits for the task that failed', () => {
    const child = named('child', { ...cancelledTask(), ...needing, failed: [0] });
    expect(
      stands(
        [
          [parent, []],
          [child, ['parent']],
        ],
        ended,
      ),
    ).toEqual({ parent: 'pending', child: 'waiting' });
  });

  test('a task cancelled because of a blocked task waits for it', () => {
    const blocked = named('blocked', aBlockedTask(1, { failed: [0] }));
    const child = named('child', { ...cancelledTask(), ...needing, failed: [0] });
    expect(
      stands(
        [
          [parent, []],
          [blocked, ['parent']],
          [child, ['blocked']],
        ],
        ended,
      ),
    ).toEqual({
      parent: 'pending',
      blocked: 'waiting',
      child: 'waiting',
    });
  });

  test('a task that depends on a failure that is not retried fails again', () => {
    const child = named('child', { ...cancelledTask(), ...needing, failed: [0] });
    const outside = stands([[child, ['outside']]], ended, [['outside', 'failed']]);
    expect(outside).toEqual({ child: 'cancelled' });
    expect(
      stands(
        [
          [parent, []],
          [child, ['parent']],
        ],
        (task) => task === child,
      ),
    ).toEqual({
      parent: 'failed',
      child: 'cancelled',
    });
  });
});
