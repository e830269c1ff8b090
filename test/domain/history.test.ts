import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextStep, releaseLast } from '#shared/domain/dependencies.ts';
import { assign, complete, fail, requeue, start, take } from '#shared/domain/holding.ts';
import { history } from '#shared/domain/history.ts';
import { cancel, retry } from '#shared/domain/lifecycle.ts';
import { payloadRoom } from '#shared/domain/item-room.ts';
import { logged } from '#shared/domain/task-log.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import type { AssignedTask, FailedTask, RunningTask, TaskFields, TaskRecord } from '#shared/domain/task.ts';
import { inTimeOrder } from '#shared/domain/time-order.ts';
import type { Transition } from '#shared/domain/transition.ts';
import { edgeTo } from '../support/task-life.ts';
import {
  aTask,
  after,
  anOffer,
  assignedTask,
  aWaitingTask,
  hour,
  minute,
  morning,
  runningTask,
  inState,
  aRecipient,
} from '../support/tasks.ts';

/** Lines such as `+5 running ada#1 failed: no answer`, with minutes since the morning. */
const told = (task: TaskRecord) =>
  history(task).map(({ status, at, agentId, attempt, reason }) => {
    const by = agentId === undefined ? '' : ` ${agentId}#${attempt}`;
    return `+${(at - morning) / minute} ${status}${by}${reason === undefined ? '' : ` (${reason})`}`;
  });

const at = (minutes: number) => morning + minutes * minute;
const takenBy = (task: TaskRecord, agentId: string, minutes: number) =>
  inState(
    'assigned',
    after(
      task,
      take({ timeoutMs: hour }, anOffer({ agentId, token: `${agentId}-${minutes}` }), at(minutes), defaultSettings),
    ),
  );

/**
 * A task after a long life whose steps take 10 ms each, with each step written by a clock that is ahead by this much.
 */
function lifeBy(ahead: readonly number[]): TaskRecord[] {
  const states: TaskRecord[] = [aWaitingTask(1)];
  const failure = { cause: 'failed', report: {}, fraction: 0 } as const;
  const next = (step: (task: never, now: number) => Transition, wait = 10) => {
    const last = states.at(-1) ?? aTask();
    now += wait;
    states.push(after(last, step(last as never, now + (ahead[states.length] ?? 0))));
  };
  let now = morning + 100;
  const release = (task: TaskRecord, at: number) => releaseLast(edgeTo(task, 0), at, defaultSettings);
  const takeBy = (agentId: string) => (task: TaskRecord, at: number) =>
    take(task, anOffer({ agentId, token: agentId }), Math.max(at, (task as TaskFields).dueAt ?? 0), defaultSettings);
  const begin = (task: AssignedTask, at: number) => start(task, aRecipient(), at, defaultSettings);
  const failed = (shouldRetry: boolean) => (task: RunningTask, at: number) =>
    fail(task, { ...failure, shouldRetry }, at, defaultSettings);
  next(release);
  next(takeBy('ada'));
  next(begin);
  next(failed(true));
  next(takeBy('bob'), 3000);
  next((task: AssignedTask, at) => requeue(task, { cause: 'released' }, at, defaultSettings));
  next(takeBy('eve'));
  next(begin);
  next(failed(false));
  next((task: FailedTask, at) => retry(task, ['completed'], at, defaultSettings));
  next(takeBy('joe'));
  next(begin);
  next((_task: RunningTask, at) => complete({ agentId: 'joe', attempt: undefined }, {}, at));
  return states;
}

describe('the history of a task', () => {
  test('shows who had it from creation to completion', () => {
    const assigned = takenBy(aTask(), 'ada', 1);
    const running = after(assigned, start(assigned, aRecipient(), at(2), defaultSettings));
    const done = after(running, complete({ agentId: 'ada', attempt: 1 }, {}, at(5)));
    expect(told(done)).toEqual(['+0 pending', '+1 assigned ada#1', '+2 running ada#1', '+5 completed ada#1']);
  });

  test('shows why each attempt ended', () => {
    const assigned = takenBy(aTask(), 'ada', 1);
    const first = inState('running', after(assigned, start(assigned, aRecipient(), at(2), defaultSettings)));
    const failure = { cause: 'failed', reason: 'no answer', report: {}, shouldRetry: true, fraction: 0 } as const;
    const failed = after(first, fail(first, failure, at(3), defaultSettings));
    const second = takenBy(failed, 'bob', 4);
    const returned = after(second, requeue(second, { cause: 'not_started' }, at(7), defaultSettings));
    expect(told(takenBy(returned, 'eve', 8))).toEqual([
      '+0 pending',
      '+1 assigned ada#1',
      '+2 running ada#1',
      '+3 pending ada#1 (failed: no answer)',
      '+4 assigned bob#2',
      '+7 pending bob#2 (not_started)',
      '+8 assigned eve#3',
    ]);
  });

  test('shows that a task was taken from one agent for another', () => {
    const toBob = anOffer({ agentId: 'bob', token: 'bob-3', by: 'manual' });
    const reassigned = after(assignedTask(), assign(assignedTask(), toBob, at(3), defaultSettings));
    expect(told(reassigned)).toContain('+3 assigned ada#1 (reassigned)');
    expect(told(reassigned).at(-1)).toBe('+3 assigned bob#2');
  });

  test('shows the effects of its dependencies', () => {
    const step = (task: TaskRecord, minutes: number) => {
      const next = nextStep(task, at(minutes), defaultSettings);
      if (!next) throw new Error('There is no step.');
      return after(task, next);
    };
    const blocked = step(aWaitingTask(1, { failed: [0] }), 5);
    const waiting = step({ ...blocked, failed: [] }, 8);
    const released = after(waiting, releaseLast(edgeTo(waiting, 0), at(9), defaultSettings));
    expect(told(released)).toEqual([
      '+0 waiting',
      '+5 blocked (dependency_failed)',
      '+8 waiting (dependency_retried)',
      '+9 pending',
    ]);
  });

  test('begins with pending if all dependencies were met from the start', () => {
    expect(told(aTask({ need: 1, done: [0] }))).toEqual(['+0 pending']);
  });

  test('keeps its order if a task is cancelled before its not_before', () => {
    const child = aWaitingTask(1, { notBefore: at(60) });
    const delayed = after(child, releaseLast(edgeTo(child, 0), at(1), defaultSettings));
    expect(told(after(delayed, cancel(delayed, undefined, at(2)))).at(-1)).toBe('+2 cancelled (cancelled)');
  });

  test('shows that a person retried it', () => {
    const running = runningTask();
    const cancelled = inState('cancelled', after(running, cancel(running, 'wrong input', at(1))));
    expect(told(after(cancelled, retry(cancelled, [], at(2), defaultSettings)))).toEqual([
      '+0 pending',
      '+0 assigned ada#1',
      '+0 running ada#1',
      '+1 cancelled ada#1 (cancelled: wrong input)',
      '+2 pending (retried)',
    ]);
  });
});

describe('the log', () => {
  test('keeps its order without negative times, even if the clocks of processes differ', () => {
    const skews = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(skews, (ahead) => {
        const straight = lifeBy(ahead.map(() => 0));
        lifeBy(ahead).forEach((task, n) => {
          const expected = straight[n] ?? task;
          expect(history(task).map(({ status }) => status)).toEqual(history(expected).map(({ status }) => status));
          const times = task.log.map((entry) => entry.at);
          expect(times).toEqual(times.toSorted((one, other) => one - other));
          const { assignedAt = 0, startedAt = assignedAt, endedAt = startedAt } = inTimeOrder(task) as TaskFields;
          expect([assignedAt, startedAt, endedAt]).toEqual(
            [assignedAt, startedAt, endedAt].toSorted((one, other) => one - other),
          );
        });
      }),
    );
  });

  test('keeps the last 6 entries', () => {
    let task = aTask();
    for (let n = 1; n <= 9; n += 1) task = { ...task, log: logged(task, 'pending', at(n), { cause: 'retried' }) };
    expect(task.log.map((entry) => (entry.at - morning) / minute)).toEqual([4, 5, 6, 7, 8, 9]);
  });

  test('stores at most 120 bytes of a reason, without splitting a character', () => {
    const reason = (text: string) =>
      logged(aTask(), 'pending', morning, { cause: 'released', reason: text })[0]?.reason;
    expect(reason('x'.repeat(120))).toBe('x'.repeat(120));
    expect(reason('x'.repeat(121))).toBe(`${'x'.repeat(117)}…`);
    expect(reason('😀'.repeat(31))).toBe(`${'😀'.repeat(29)}…`);
  });

  test('keeps the last attempt of a task that needs much space', () => {
    const agentId = 'a'.repeat(64);
    const definition = { type: 't'.repeat(64), lane: 'l'.repeat(64), graphId: 'g'.repeat(64), title: 'T'.repeat(80) };
    let task: TaskRecord = aTask(definition);
    for (let n = 1; n <= 3; n += 1) {
      const held = assignedTask({ ...definition, log: task.log }, { agentId, token: `offer-${n}`.padEnd(20, 'x') });
      task = aTask({
        ...definition,
        log: logged(held, 'pending', at(n), { cause: 'released', reason: 'r'.repeat(99) }),
      });
    }
    const offers = () => task.log.map(({ offer = '-', reason = '' }) => `${offer.slice(0, 7)} ${reason.length}`);
    expect(offers()).toEqual(['offer-3 39']);
    for (let n = 4; n <= 9; n += 1) {
      task = aTask({
        ...definition,
        log: logged(task, 'pending', at(n), { cause: 'retried', reason: 'r'.repeat(99) }),
      });
    }
    expect(offers()).toEqual(['offer-3 0', '- 11']);
  });
});

test('a task has room for its payload or for none, however long its names are', () => {
  const definition = aTask({
    type: 't'.repeat(64),
    lane: 'l'.repeat(64),
    graphId: 'g'.repeat(26),
    title: 'T'.repeat(80),
    routing: 'manual',
    policy: 'run_anyway',
    need: 15,
  });
  expect(payloadRoom(definition)).toBeGreaterThanOrEqual(0);
  expect(payloadRoom(aTask())).toBeGreaterThan(250);
});
