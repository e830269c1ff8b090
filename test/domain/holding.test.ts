import { nameTag } from '#shared/domain/hash.ts';
import { describe, expect, test } from 'vitest';
import { assign, complete, fail, requeue, renew, start, take, takeOver } from '#shared/domain/holding.ts';
import { outcomeOf } from '#shared/domain/agent.ts';
import { cancel } from '#shared/domain/lifecycle.ts';
import { defaultSettings, times } from '#shared/domain/settings.ts';
import { isHeld, isRunning, type RunningTask, type TaskRecord } from '#shared/domain/task.ts';
import { shows } from '#shared/domain/transition.ts';
import { applied, holds } from '../support/task-model.ts';
import {
  aTask,
  after,
  anOffer,
  assignedTask,
  hour,
  minute,
  morning,
  runningTask,
  second,
  storedAfter,
  inState,
  excluding,
  aRecipient,
} from '../support/tasks.ts';

const failure = { cause: 'failed', reason: 'no answer', shouldRetry: true, report: {}, fraction: 0.5 } as const;
const isPossible = (task: TaskRecord, transition: ReturnType<typeof take>) => holds(transition.guard, task);

describe('an offer', () => {
  const takenBy = (agentId: string, now = morning) =>
    take({ timeoutMs: hour }, anOffer({ agentId }), now, defaultSettings);

  test('wins a pending task: the next attempt begins, to be started within 2 minutes', () => {
    const { task, indexEntry } = storedAfter(aTask({ attempt: 4 }), takenBy('ada'));
    expect(task).toMatchObject({
      status: 'assigned',
      attempt: 5,
      agentId: 'ada',
      assignedAt: morning,
      leaseUntil: morning + 2 * minute,
    });
    expect(task).not.toHaveProperty('startedAt');
    expect(indexEntry).toEqual({ in: 'timers', at: morning + 2 * minute });
  });

  test('that starts at once begins the run with a lease of 5 minutes', () => {
    const task = after(aTask(), take({ timeoutMs: hour }, anOffer({ start: true }), morning, defaultSettings));
    expect(task).toMatchObject({ status: 'running', startedAt: morning, leaseUntil: morning + 5 * minute });
  });

  test("that starts at once gives no lease beyond the task's timeout", () => {
    const task = after(aTask(), take({ timeoutMs: 30 * second }, anOffer({ start: true }), morning, defaultSettings));
    expect(inState('running', task).leaseUntil).toBe(morning + 30 * second);
  });

  test('wins a task only from its due time on', () => {
    const delayed = aTask({ dueAt: morning + minute });
    expect(isPossible(delayed, takenBy('ada', morning + minute - 1))).toBe(false);
    expect(after(delayed, takenBy('ada', morning + minute))).not.toHaveProperty('dueAt');
  });

  test('of an excluded agent does not win until the exclusion ends; another agent wins', () => {
    const task = aTask({ excluded: excluding({ ada: morning + minute }) });
    expect(isPossible(task, takenBy('ada'))).toBe(false);
    expect(isPossible(task, takenBy('ada', morning + minute))).toBe(true);
    expect(isPossible(task, takenBy('bob'))).toBe(true);
  });

  test('does not win a held task', () => {
    expect(isPossible(assignedTask(), takenBy('bob'))).toBe(false);
    expect(isPossible(runningTask(), takenBy('bob'))).toBe(false);
  });
});

describe('a manual assignment', () => {
  const toBob = anOffer({ agentId: 'bob', token: 'bob-1', by: 'manual' });

  test('takes a task that the router assigned from its agent, and logs that', () => {
    const task = after(assignedTask(), assign(assignedTask(), toBob, morning + minute, defaultSettings));
    expect(task).toMatchObject({
      status: 'assigned',
      agentId: 'bob',
      offer: 'bob-1',
      assignedBy: 'manual',
      attempt: 2,
    });
    expect(task.log).toMatchObject([{ status: 'assigned', cause: 'reassigned', agentId: 'ada', attempt: 1 }]);
  });

  test('does not wait for the retry delay', () => {
    const delayed = aTask({ attempt: 1, dueAt: morning + minute });
    expect(after(delayed, assign(delayed, toBob, morning, defaultSettings))).toMatchObject({
      status: 'assigned',
      attempt: 2,
    });
  });

  test('fails if the task has been started in the meantime', () => {
    expect(isPossible(runningTask(), assign(assignedTask(), toBob, morning, defaultSettings))).toBe(false);
  });
});

describe('a start', () => {
  test('begins the run with a lease; the earlier timer stays', () => {
    const assigned = assignedTask();
    const { change } = start(assigned, aRecipient(), morning + minute, defaultSettings);
    expect(change.indexEntry).toBeUndefined();
    expect(after(assigned, start(assigned, aRecipient(), morning + minute, defaultSettings))).toMatchObject({
      status: 'running',
      startedAt: morning + minute,
      leaseUntil: morning + 6 * minute,
    });
  });

  test('differs from another start in the same millisecond', () => {
    const assigned = assignedTask();
    const starts = ['claim-1', 'claim-2'].map((token) =>
      start(assigned, aRecipient({ token }), morning, defaultSettings),
    );
    const [first, second] = starts.map((one) => shows(after(assigned, starts[0] ?? one), one));
    expect([first, second]).toEqual([true, false]);
  });

  test('moves the timer forward if the run may end before it', () => {
    const assigned = assignedTask({ timeoutMs: 30 * second });
    expect(start(assigned, aRecipient(), morning, defaultSettings).change.indexEntry).toEqual({
      in: 'timers',
      at: morning + 30 * second,
    });
  });
});

describe('a takeover by another process of the agent', () => {
  const recipient = aRecipient({ token: 'claim-2', instance: 'process-2' });
  const later = morning + minute;

  test('is a new attempt with a new lease under the same offer, and no failure', () => {
    const running = { ...runningTask({ progress: { percent: 50 } }), instance: 'process-1', isWorkedOn: true as const };
    const { offer, agentId, attempt } = running;
    const task = after(running, takeOver(running, recipient, true, later, defaultSettings));
    expect(task).toMatchObject({ status: 'running', attempt: attempt + 1, offer, agentId, retryCount: 0 });
    expect(task).toMatchObject({ instance: 'process-2', startedAt: later, leaseUntil: later + 5 * minute });
    expect(task).not.toHaveProperty('progress');
    expect(task).not.toHaveProperty('isWorkedOn');
    expect(task.log).toMatchObject([{ cause: 'agent_replaced', attempt, agentId: 'ada', startedAt: morning }]);
    expect(outcomeOf(task, offer)).toBeUndefined();
  });

  test('by an unnamed process leaves no process named', () => {
    const running = { ...runningTask(), instance: 'process-1' };
    const task = after(running, takeOver(running, aRecipient(), true, later, defaultSettings));
    expect(task).not.toHaveProperty('instance');
  });

  test('leaves an assigned task assigned unless it starts it', () => {
    const assigned = { ...assignedTask(), instance: 'process-1' };
    const taken = after(assigned, takeOver(assigned, recipient, false, later, defaultSettings));
    expect(taken).toMatchObject({ status: 'assigned', attempt: 2, leaseUntil: later + 2 * minute });
    expect(taken).not.toHaveProperty('startedAt');
    expect(after(assigned, takeOver(assigned, recipient, true, later, defaultSettings)).status).toBe('running');
  });

  test('moves the timer forward only if the run may end before it', () => {
    const short = inState('running', after(runningTask(), renew(runningTask(), undefined, later, defaultSettings)));
    expect(takeOver(short, recipient, true, later, defaultSettings).change.indexEntry).toBeUndefined();
    expect(takeOver(short, recipient, true, morning, defaultSettings).change.indexEntry).toEqual({
      in: 'timers',
      at: morning + 5 * minute,
    });
  });

  test('loses against a heartbeat, a report or another takeover in between', () => {
    const running = runningTask();
    const late = takeOver(running, recipient, true, later, defaultSettings);
    expect(isPossible(after(running, renew(running, undefined, later, defaultSettings)), late)).toBe(false);
    expect(isPossible(after(running, complete({ agentId: 'ada', attempt: 1 }, {}, later)), late)).toBe(false);
    const twin = { ...recipient, token: 'claim-3' };
    const taken = after(running, takeOver(running, twin, true, later, defaultSettings));
    expect(isPossible(taken, late)).toBe(false);
    expect(shows(taken, late)).toBe(false);
    expect(shows(after(running, late), late)).toBe(true);
  });
});

describe('a heartbeat', () => {
  test('extends the lease from now and keeps the timer', () => {
    const running = runningTask();
    const renewal = renew(running, { percent: 50 }, morning + 4 * minute, defaultSettings);
    expect(renewal.change.indexEntry).toBeUndefined();
    expect(after(running, renewal)).toMatchObject({
      leaseUntil: morning + 9 * minute,
      progress: { percent: 50 },
    });
  });

  test('never extends it beyond the timeout and never shortens it', () => {
    const running = runningTask({ timeoutMs: 7 * minute });
    const renewedAt = (task: RunningTask, now: number) =>
      inState('running', after(task, renew(task, undefined, now, defaultSettings)));
    const renewed = renewedAt(running, morning + 4 * minute);
    expect(renewed.leaseUntil).toBe(morning + 7 * minute);
    expect(renewedAt(renewed, morning + 8 * minute).leaseUntil).toBe(morning + 7 * minute);
    // By a server whose clock is slow.
    expect(renewedAt(renewed, morning + minute).leaseUntil).toBe(morning + 7 * minute);
  });

  test('and the end of a lease exclude each other: the first makes the other impossible', () => {
    const running = runningTask();
    const heartbeat = renew(running, undefined, morning + 6 * minute, defaultSettings);
    const loss = fail(running, { ...failure, cause: 'agent_lost' }, morning + 6 * minute, defaultSettings);
    expect(isPossible(after(running, heartbeat), loss)).toBe(false);
    expect(isPossible(after(running, loss), heartbeat)).toBe(false);
  });
});

describe('a completion', () => {
  const done = (attempt?: number) => complete({ agentId: 'ada', attempt }, { report: { result: 42 } }, morning);

  test('ends the run with its report, which is listed under its agent', () => {
    const { task, indexEntry } = storedAfter(runningTask(), done());
    expect(task).toMatchObject({ status: 'completed', endedAt: morning, report: { result: 42 }, agentId: 'ada' });
    expect(task).not.toHaveProperty('leaseUntil');
    expect(indexEntry).toEqual({ in: 'ended', status: 'completed', at: morning, agentId: 'ada' });
  });

  test('is accepted only from the holder, with or without its attempt', () => {
    expect(isPossible(runningTask(), done())).toBe(true);
    expect(isPossible(runningTask(), done(1))).toBe(true);
    expect(isPossible(runningTask(), done(2))).toBe(false);
    expect(isPossible(runningTask(), complete({ agentId: 'bob', attempt: 1 }, {}, morning))).toBe(false);
  });

  test('is refused before the start and after the end', () => {
    expect(isPossible(assignedTask(), done())).toBe(false);
    expect(isPossible(after(runningTask(), done()), done())).toBe(false);
    expect(isPossible(after(runningTask(), cancel(runningTask(), undefined, morning)), done())).toBe(false);
  });
});

describe('a failure', () => {
  test('requeues the task, to be retried after the delay; only the log keeps the attempt', () => {
    const running = runningTask({ retryCount: 0 });
    const { task, indexEntry } = storedAfter(running, fail(running, failure, morning + minute, defaultSettings));
    const dueAt = morning + minute + 2 * second;
    expect(task).toMatchObject({ status: 'pending', retryCount: 1, attempt: 1, readyAt: dueAt, dueAt });
    for (const gone of ['agentId', 'offer', 'assignedBy', 'assignedAt', 'startedAt', 'leaseUntil', 'progress'])
      expect(task).not.toHaveProperty(gone);
    expect(task.log).toEqual([
      {
        status: 'pending',
        at: morning + minute,
        cause: 'failed',
        reason: 'no answer',
        attempt: 1,
        agentId: 'ada',
        offer: running.offer,
        assignedAt: morning,
        startedAt: morning,
      },
    ]);
    expect(indexEntry).toEqual({ in: 'timers', at: dueAt });
  });

  test('is permanent at the last of max_attempts, and keeps its report and agent', () => {
    const running = runningTask({ retryCount: 2, maxAttempts: 3 });
    const final = fail(running, { ...failure, report: { report: { error: 'no answer' } } }, morning, defaultSettings);
    const { task, indexEntry } = storedAfter(running, final);
    expect(task).toMatchObject({ status: 'failed', retryCount: 3, endedAt: morning, report: { error: 'no answer' } });
    expect(indexEntry).toEqual({ in: 'ended', status: 'failed', at: morning, agentId: 'ada' });
  });

  test('is permanent if it should not be retried', () => {
    const running = runningTask();
    const final = fail(running, { ...failure, shouldRetry: false }, morning, defaultSettings);
    expect(after(running, final)).toMatchObject({ status: 'failed', retryCount: 1 });
  });

  test('of a task that was never started counts like any other', () => {
    const assigned = assignedTask();
    expect(after(assigned, fail(assigned, failure, morning, defaultSettings))).toMatchObject({
      retryCount: 1,
      attempt: 1,
    });
  });
});

describe('a requeued task', () => {
  const causes = ['released', 'not_started', 'deregistered'] as const;

  test.each(causes)('that was %s costs no attempt and keeps its indexEntry in the lane', (cause) => {
    const running = runningTask({ retryCount: 1, readyAt: morning - hour });
    const { task, indexEntry } = storedAfter(running, requeue(running, { cause }, morning + minute, defaultSettings));
    expect(task).toMatchObject({ status: 'pending', retryCount: 1, attempt: 1, readyAt: morning - hour });
    expect(task).not.toHaveProperty('dueAt');
    expect(indexEntry).toMatchObject({ in: 'lane', lane: 'python' });
    const { indexEntry: unmovedEntry } = storedAfter(aTask({ readyAt: morning - hour }), unmoved);
    expect(indexEntry).toEqual({ ...unmovedEntry, attempt: 1 });
  });

  test('is not offered to that agent again for 10 minutes, unless the agent has gone', () => {
    const running = runningTask();
    const excludedAfter = (cause: (typeof causes)[number]) =>
      after(running, requeue(running, { cause }, morning, defaultSettings)).excluded;
    expect(excludedAfter('released')).toEqual(excluding({ ada: morning + times.excludedMs }));
    expect(excludedAfter('not_started')).toEqual(excluding({ ada: morning + times.excludedMs }));
    expect(excludedAfter('deregistered')).toEqual({});
  });

  test('stores the last 5 excluded agents, only as long as they are excluded', () => {
    let task: TaskRecord = aTask({ excluded: excluding({ past: morning }) });
    for (let n = 1; n <= 7; n += 1) {
      const taken = after(
        task,
        take({ timeoutMs: hour }, anOffer({ agentId: `agent-${n}` }), morning, defaultSettings),
      );
      const held = inState('assigned', taken);
      task = after(held, requeue(held, { cause: 'released' }, morning, defaultSettings));
      expect(task.excluded).not.toHaveProperty(nameTag('past'));
    }
    expect(Object.keys(task.excluded)).toEqual(['agent-3', 'agent-4', 'agent-5', 'agent-6', 'agent-7'].map(nameTag));
  });
});

test('no decision based on an earlier attempt applies to a later one', () => {
  const first = runningTask();
  const again = after(first, requeue(first, { cause: 'deregistered' }, morning, defaultSettings));
  const second = after(
    again,
    take({ timeoutMs: hour }, anOffer({ agentId: 'ada', token: 'again', start: true }), morning, defaultSettings),
  );
  expect(isHeld(second) && isRunning(second)).toBe(true);
  const stale = [
    start(assignedTask(), aRecipient(), morning, defaultSettings),
    renew(first, undefined, morning, defaultSettings),
    fail(first, failure, morning, defaultSettings),
    requeue(first, { cause: 'released' }, morning, defaultSettings),
    cancel(first, undefined, morning),
    complete({ agentId: 'ada', attempt: 1 }, {}, morning),
  ];
  for (const transition of stale)
    expect(applied({ task: second, indexEntry: { in: 'timers', at: 0 } }, transition)).toBeUndefined();
});

const unmoved = { guard: { is: 'unchanged', task: { status: 'pending', attempt: 0 } }, change: { set: {} } } as const;
