import { describe, expect, test } from 'vitest';
import {
  checkAgain,
  countsAs,
  dependencyChange,
  nextStep,
  releaseLast,
  sortDependencies,
  type DependencyStatuses,
} from '#shared/domain/dependencies.ts';
import { otherPolicies, policiesById, policyOf } from '#shared/domain/dependency-policy.ts';
import { retry } from '#shared/domain/lifecycle.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import type { Edge } from '#shared/domain/edge.ts';
import type { DependentTask, PendingTask, TaskRecord } from '#shared/domain/task.ts';
import { applied, holds } from '../support/task-model.ts';
import {
  aTask,
  after,
  aWaitingTask,
  hour,
  minute,
  morning,
  storedAfter,
  aBlockedTask,
  assignedTask,
  runningTask,
  completedTask,
  failedTask,
  cancelledTask,
  inState,
} from '../support/tasks.ts';

describe('a dependency counts', () => {
  test.each([
    ['completed', 'met', 'met', 'met'],
    ['failed', 'failed', 'failed', 'met'],
    ['cancelled', 'failed', 'failed', 'met'],
    ['blocked', 'failed', 'failed', 'met'],
    ['waiting', 'open', 'open', 'open'],
    ['pending', 'open', 'open', 'open'],
    ['assigned', 'open', 'open', 'open'],
    ['running', 'open', 'open', 'open'],
    [undefined, 'open', 'open', 'met'],
  ] as const)('%s as %s (block), %s (cancel), %s (run_anyway)', (status, block, cancel, runAnyway) => {
    expect(countsAs(status, 'block')).toBe(block);
    expect(countsAs(status, 'cancel')).toBe(cancel);
    expect(countsAs(status, 'run_anyway')).toBe(runAnyway);
  });

  test('by its ordinal', () => {
    const states: DependencyStatuses = ['failed', 'running', 'completed', undefined, 'completed'];
    expect(sortDependencies(states, { policy: 'block' })).toEqual({ met: [2, 4], failed: [0] });
    expect(sortDependencies(states, { policy: 'run_anyway' })).toEqual({ met: [0, 2, 3, 4], failed: [] });
  });
});

describe('a dependency with its own policy', () => {
  const mixed = { policy: 'block', otherPolicies: { run_anyway: [1], cancel: [2, 4] } } as const;

  test.each([
    [0, 'block'],
    [1, 'run_anyway'],
    [2, 'cancel'],
    [3, 'block'],
    [4, 'cancel'],
  ] as const)('number %i has %s', (ordinal, policy) => {
    expect(policyOf(mixed, ordinal)).toBe(policy);
    expect(policyOf({ policy }, ordinal)).toBe(policy);
  });

  test('is stored by ordinal, together with others of the same policy, and shown by id', () => {
    const policies = new Map([['b', 'run_anyway'] as const, ['c', 'cancel'] as const, ['e', 'cancel'] as const]);
    const dependencies = ['a', 'b', 'c', 'd', 'e'];
    expect(otherPolicies(dependencies, policies)).toEqual(mixed.otherPolicies);
    expect(policiesById(mixed, dependencies)).toEqual(Object.fromEntries(policies));
    expect(otherPolicies(dependencies, new Map())).toBeUndefined();
    expect(policiesById({}, dependencies)).toBeUndefined();
  });

  test.each([
    ['open, regardless of the others', ['running', 'failed', 'completed'], { met: [1, 2], failed: [] }],
    ['failed if it blocks', ['failed', 'running', 'running'], { met: [], failed: [0] }],
    ['met if the task runs anyway', ['running', 'cancelled', 'running'], { met: [1], failed: [] }],
    ['failed if it cancels', ['completed', 'completed', 'blocked'], { met: [0, 1], failed: [2] }],
    ['met if it was deleted and the task runs anyway', [undefined, undefined, undefined], { met: [1], failed: [] }],
  ] as const)('counts as %s', (_, states, counted) => {
    expect(sortDependencies(states, mixed)).toEqual(counted);
  });

  const outcomes = [
    ['completed', 'completed', 'completed', 'pending', 'pending'],
    ['completed', 'failed', 'completed', 'pending', 'pending'],
    ['failed', 'completed', 'completed', 'blocked', 'blocked'],
    ['failed', 'failed', 'running', 'blocked', 'blocked'],
    ['failed', 'running', 'failed', 'cancelled', 'cancelled'],
    ['running', 'failed', 'failed', 'cancelled', 'cancelled'],
    ['completed', 'failed', 'running', 'waiting', 'waiting'],
  ] as const;
  const task = { need: 3, policy: 'block', otherPolicies: { run_anyway: [1], cancel: [2] } } as const;

  test.each(outcomes)('that is %s (block), %s (run_anyway), %s (cancel) makes a new task %s', (...row) => {
    const states = row.slice(0, 3) as DependencyStatuses;
    const { set } = dependencyChange(aTask(task), states, morning, defaultSettings);
    expect(set.status).toBe(row[3]);
  });

  test.each(outcomes)('that is %s (block), %s (run_anyway), %s (cancel) makes a waiting task %s', (...row) => {
    for (const make of [aWaitingTask, aBlockedTask]) {
      const { met: done, failed } = sortDependencies(row.slice(0, 3), task);
      const child = make(3, { ...task, done, failed });
      const step = nextStep(child, morning, defaultSettings);
      expect((step ? after(child, step) : child).status).toBe(row[4]);
    }
  });

  test.each(outcomes)('that is %s (block), %s (run_anyway), %s (cancel) makes a retried task %s', (...row) => {
    const cancelled = cancelledTask(aTask(task));
    const retried = retry(cancelled, row.slice(0, 3), morning, defaultSettings);
    expect(after(cancelled, retried).status).toBe(row[3]);
  });

  test('cancels a blocked task too, unless it was retried since the task was read', () => {
    const blocked = aBlockedTask(3, { ...task, failed: [0, 2] });
    const step = nextStep(blocked, morning, defaultSettings);
    expect(step?.change).toMatchObject({
      set: { status: 'cancelled', log: [{ cause: 'dependency_failed' }] },
      indexEntry: { in: 'ended', status: 'cancelled' },
    });
    expect(step && holds(step.guard, { ...blocked, failed: [0] })).toBe(false);
    expect(step && holds(step.guard, { ...blocked, status: 'waiting', failed: [2] })).toBe(true);
  });

  test('cancels nothing once it has completed, even if its failure is reported late', () => {
    const child = aWaitingTask(3, { ...task, done: [2], failed: [2] });
    expect(nextStep(child, morning, defaultSettings)).toBeUndefined();
  });
});

describe('a new task', () => {
  const created = (fields: Partial<PendingTask>, ...states: DependencyStatuses) => {
    const task = aTask({ need: states.length, ...fields });
    return dependencyChange(task, states, morning, defaultSettings);
  };

  test('without dependencies, or with all of them met, is pending and in its lane', () => {
    expect(created({})).toMatchObject({ set: { status: 'pending', readyAt: morning }, indexEntry: { in: 'lane' } });
    expect(created({}, 'completed')).toMatchObject({
      set: { status: 'pending' },
      met: [0],
      indexEntry: { in: 'lane' },
    });
  });

  test('is delayed until not_before', () => {
    expect(created({ notBefore: morning + hour })).toMatchObject({
      set: { status: 'pending', readyAt: morning + hour, dueAt: morning + hour },
      indexEntry: { in: 'timers', at: morning + 45 * minute },
    });
  });

  test('waits for an open dependency and is checked first after 5 minutes, then after 10', () => {
    expect(created({}, 'completed', 'running')).toMatchObject({
      set: { status: 'waiting', checkEveryMs: 10 * minute },
      met: [0],
      indexEntry: { in: 'checks', at: morning + 5 * minute },
    });
  });

  test('with a failed dependency is blocked or cancelled, or runs anyway, depending on its policy', () => {
    expect(created({}, 'failed', 'running')).toMatchObject({ set: { status: 'blocked' }, failed: [0] });
    expect(created({ policy: 'cancel' }, 'failed', 'running')).toMatchObject({
      set: { status: 'cancelled', endedAt: morning, log: [{ cause: 'dependency_failed' }] },
      indexEntry: { in: 'ended', status: 'cancelled' },
    });
    expect(created({ policy: 'run_anyway' }, 'failed', 'running')).toMatchObject({
      set: { status: 'waiting' },
      met: [0],
    });
    expect(created({ policy: 'run_anyway' }, 'failed', 'cancelled')).toMatchObject({ set: { status: 'pending' } });
  });
});

describe('the next step', () => {
  const stepOf = (task: TaskRecord) => nextStep(task, morning, defaultSettings);
  const afterStep = (task: TaskRecord) => {
    const step = stepOf(task);
    if (!step) throw new Error(`A ${task.status} task has no step.`);
    return storedAfter(task, step);
  };

  test.each([
    ['waiting', aWaitingTask(2, { done: [0, 1] })],
    ['blocked', aBlockedTask(2, { done: [0, 1] })],
    ['blocked, marked as failed before it was met', aBlockedTask(2, { done: [0, 1], failed: [1] })],
  ])('of a task that is %s with everything met makes it ready', (_, task) => {
    const { task: ready, indexEntry } = afterStep(task);
    expect(ready).toMatchObject({ status: 'pending', readyAt: morning });
    expect(ready).not.toHaveProperty('checkEveryMs');
    expect(indexEntry).toMatchObject({ in: 'lane' });
  });

  test('of a waiting task with a failed dependency blocks it, or cancels it if its policy says so', () => {
    const waiting = aWaitingTask(2, { failed: [1] });
    expect(afterStep(waiting).task).toMatchObject({ status: 'blocked', log: [{ cause: 'dependency_failed' }] });
    const { task, indexEntry } = afterStep({ ...waiting, policy: 'cancel' });
    expect(task).toMatchObject({ status: 'cancelled', endedAt: morning });
    expect(indexEntry).toMatchObject({ in: 'ended', status: 'cancelled' });
  });

  test('of a blocked task without a failed dependency makes it wait again', () => {
    const { task } = afterStep(aBlockedTask(2, { done: [0] }));
    expect(task).toMatchObject({ status: 'waiting', log: [{ cause: 'dependency_retried' }] });
  });

  test('does not exist while dependencies are open, while blocked tasks stay blocked, or in any other status', () => {
    expect(stepOf(aWaitingTask(2, { done: [0] }))).toBeUndefined();
    expect(stepOf(aBlockedTask(2, { failed: [0] }))).toBeUndefined();
    const dependencies = { need: 1, done: [0], failed: [0] };
    const others = [aTask, assignedTask, runningTask, completedTask, failedTask].map((make) => make(dependencies));
    for (const task of [...others, cancelledTask(aTask(dependencies))]) expect(stepOf(task)).toBeUndefined();
  });

  test('is taken by only one of those who see it', () => {
    for (const task of [aWaitingTask(1, { done: [0] }), aWaitingTask(1, { failed: [0] })]) {
      const step = stepOf(task);
      if (!step) throw new Error('There is no step.');
      expect(holds(step.guard, after(task, step))).toBe(false);
    }
  });
});

describe('releasing by the last dependency', () => {
  const edge = (ordinal: number, fields: Partial<Edge> = {}): Edge => {
    const { id, bodyHash, need, policy, lane, routing, priority, timeoutMs } = aWaitingTask(2);
    const child = { childId: id, childHash: bodyHash, need, policy, lane, routing, priority, timeoutMs };
    return { parentId: 'parent', ordinal, ...child, ...fields };
  };
  const release = (ordinal: number) => releaseLast(edge(ordinal), morning, defaultSettings);
  const isReleased = (task: TaskRecord, ordinal: number) => holds(release(ordinal).guard, task);

  test('makes a waiting or blocked task pending in one write', () => {
    for (const child of [aWaitingTask(2, { done: [0] }), aBlockedTask(2, { done: [0], failed: [1] })]) {
      const { task, indexEntry } = storedAfter(child, release(1));
      expect(task).toMatchObject({ status: 'pending', done: [0, 1], failed: [], readyAt: morning });
      expect(indexEntry).toEqual({ ...indexEntry, in: 'lane', lane: 'python', timeoutMs: hour });
    }
  });

  test('respects not_before', () => {
    const delayed = releaseLast(edge(1, { notBefore: morning + hour }), morning, defaultSettings);
    const { task, indexEntry } = storedAfter(aWaitingTask(2, { done: [0] }), delayed);
    expect(task).toMatchObject({ status: 'pending', dueAt: morning + hour });
    expect(indexEntry).toEqual({ in: 'timers', at: morning + 45 * minute });
  });

  test('requires that the others are met, this one is not, and the child is the one that the edge names', () => {
    expect(isReleased(aWaitingTask(2, { done: [0] }), 1)).toBe(true);
    expect(isReleased(aWaitingTask(2), 1)).toBe(false);
    expect(isReleased(aWaitingTask(2, { done: [1] }), 1)).toBe(false);
    expect(isReleased(aWaitingTask(2, { done: [0, 1] }), 1)).toBe(false);
    expect(isReleased(aWaitingTask(2, { done: [0], bodyHash: 'another' }), 1)).toBe(false);
    expect(isReleased(cancelledTask(aTask({ need: 2, done: [0] })), 1)).toBe(false);
  });
});

describe('a check', () => {
  test('corrects states that were missed or recorded late', () => {
    const task = aWaitingTask(4, { done: [0], failed: [1, 2] });
    const states: DependencyStatuses = ['completed', 'running', 'completed', 'failed'];
    const checked = after(task, checkAgain(task, sortDependencies(states, { policy: 'block' }), morning));
    expect(checked).toMatchObject({ done: [0, 2], failed: [3] });
  });

  test('is repeated at growing intervals of at most an hour', () => {
    let task: DependentTask = aWaitingTask(1, { checkEveryMs: 10 * minute });
    const waits: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      const { task: checked, indexEntry } = storedAfter(task, checkAgain(task, { met: [], failed: [] }, morning));
      waits.push(indexEntry.in === 'checks' ? (indexEntry.at - morning) / minute : 0);
      task = inState('waiting', checked);
    }
    expect(waits).toEqual([10, 20, 40, 60, 60]);
  });

  test('changes nothing if a recorded failure overtook it', () => {
    const read = aWaitingTask(2);
    const marked = { ...read, failed: [0] };
    const check = checkAgain(read, { met: [], failed: [] }, morning);
    expect(applied({ task: marked, indexEntry: { in: 'checks', at: 0 } }, check)).toBeUndefined();
  });
});
