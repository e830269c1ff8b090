import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Status } from '#shared/contract/nouns.ts';
import { outcomeOf } from '#shared/domain/agent.ts';
import { eventOf, freedHold, readyWakeUp, type TaskChange } from '#shared/domain/task-change.ts';
import { history } from '#shared/domain/history.ts';
import { countChange, everyTask, noCounts } from '#shared/domain/statistics.ts';
import { hasField } from '#shared/domain/state-fields.ts';
import { holdOf, isHeld, isRunning, type TaskFields } from '#shared/domain/task.ts';
import { listFor } from '../support/task-model.ts';
import { aTask, aWaitingTask, minute, morning } from '../support/tasks.ts';
import { laneEntry, lived, type Life } from '../support/lived.ts';
import { life } from '../support/task-life.ts';

/** Checks something for many lives of tasks with and without dependencies. */
const ofEveryTask = { ...aTask({ notBefore: 0 }), readyAt: 0 };
const ofHeld = ['readyAt', 'agentId', 'offer', 'assignedBy', 'assignedAt'];
/** The fields that tasks in a state always have. */
const required: Record<Status, string[]> = {
  waiting: ['checkEveryMs'],
  blocked: ['checkEveryMs'],
  pending: ['readyAt'],
  assigned: [...ofHeld, 'leaseUntil'],
  running: [...ofHeld, 'startedAt', 'leaseUntil'],
  completed: [...ofHeld, 'startedAt', 'endedAt'],
  failed: [...ofHeld, 'endedAt'],
  cancelled: ['endedAt'],
};

/** Whether another process of the agent got the task. */
const isHandedOver = ({ before, after }: TaskChange) =>
  before !== undefined && after !== undefined && isHeld(before) && isHeld(after) && before.offer === after.offer
    ? before.attempt !== after.attempt
    : false;

function forEveryLife(check: (told: Life) => void): void {
  const policy = fc.constantFrom('block', 'cancel', 'run_anyway');
  const notBefore = fc.constantFrom(undefined, morning + minute);
  const delayed = (at: number | undefined) => (at === undefined ? {} : { notBefore: at, readyAt: at, dueAt: at });
  fc.assert(
    fc.property(life(0), notBefore, (attempts, at) =>
      check(lived(aTask({ maxAttempts: 2, ...delayed(at) }), attempts)),
    ),
  );
  fc.assert(
    fc.property(life(2), policy, notBefore, (attempts, how, at) =>
      check(lived(aWaitingTask(2, { policy: how, ...(at !== undefined && { notBefore: at }) }), attempts)),
    ),
  );
}

describe('whatever is attempted with a task, also based on outdated reads,', () => {
  test('it is listed where those that must act next look for it', () => {
    forEveryLife(({ states }) => {
      for (const { task, indexEntry } of states) {
        expect(indexEntry.in).toBe(listFor(task));
        if (indexEntry.in === 'lane') expect(indexEntry).toEqual(laneEntry(task));
        const { endedAt, leaseUntil, dueAt }: TaskFields = task;
        if (indexEntry.in === 'ended') expect(indexEntry).toMatchObject({ status: task.status, at: endedAt });
        if (indexEntry.in === 'timers') expect(indexEntry.at).toBeLessThanOrEqual(leaseUntil ?? dueAt ?? 0);
      }
    });
  });

  test('it has the fields of its status and no others', () => {
    forEveryLife(({ states }) => {
      for (const { task } of states) {
        const always = Object.keys(ofEveryTask);
        expect(Object.keys(task).filter((field) => !always.includes(field) && !hasField(task.status, field))).toEqual(
          [],
        );
        expect(required[task.status].filter((field) => !(field in task))).toEqual([]);
        if (isRunning(task)) expect(task.leaseUntil).toBeLessThanOrEqual(task.startedAt + task.timeoutMs);
        expect(task.retryCount).toBeLessThanOrEqual(task.maxAttempts);
        expect(task.log.length).toBeLessThanOrEqual(6);
      }
    });
  });

  test('each attempt has one hold and one process, attempts only grow, and completed is permanent', () => {
    forEveryLife(({ changes }) => {
      for (const change of changes) {
        const { before, after } = change;
        if (!before || !after) continue;
        const isNewHold = isHeld(after) && after.offer !== holdOf(before)?.offer;
        expect(after.attempt).toBe(before.attempt + (isNewHold || isHandedOver(change) ? 1 : 0));
        if (isHandedOver(change)) expect(after.retryCount).toBe(before.retryCount);
        expect(after.done).toEqual(expect.arrayContaining(before.done));
        if (before.status === 'completed') expect(after.status).toBe('completed');
      }
    });
  });

  test('each hold that ends is reported once and has an outcome', () => {
    forEveryLife(({ changes }) => {
      const freed = changes.flatMap((change) => {
        const hold = freedHold(change);
        if (hold) expect(change.after && outcomeOf(change.after, hold.offer)).toBeDefined();
        return hold ? [hold.offer] : [];
      });
      const won = changes.flatMap(({ before, after }) =>
        after && isHeld(after) && after.offer !== (before && holdOf(before)?.offer) ? [after.offer] : [],
      );
      const last = changes.at(-1)?.after;
      expect(freed).toEqual(won.filter((offer) => !(last && isHeld(last) && last.offer === offer)));
    });
  });

  test('each change of status has one event, except entering states that nobody waits for', () => {
    forEveryLife(({ changes }) => {
      for (const change of changes) {
        const { before, after } = change;
        const isChange = before?.status !== after?.status || before?.attempt !== after?.attempt;
        const isQuiet = after?.status === 'waiting' && (before === undefined || before.status === 'waiting');
        expect(eventOf(change) !== undefined).toBe(isChange && !isQuiet);
      }
    });
  });

  test('the router is woken whenever it becomes ready, and told when', () => {
    forEveryLife(({ changes }) => {
      for (const change of changes) {
        const { before, after } = change;
        const becomesReady = after?.status === 'pending' && before?.status !== 'pending';
        if (!becomesReady) continue;
        expect(readyWakeUp(change, change.at)).toEqual({
          task: after,
          delayMs: Math.max(0, (after.dueAt ?? 0) - change.at),
        });
      }
    });
  });

  test('the statistics of its changes equal a recount', () => {
    forEveryLife(({ changes }) => {
      const counted = noCounts();
      for (const { before, after } of changes) countChange(counted, before, after, everyTask);
      const last = changes.at(-1)?.after;
      const { waits, waitMs, executions, executionMs } = counted;
      for (const status of Status().options) expect(counted[status]).toBe(last?.status === status ? 1 : 0);
      expect(counted.pendingAuto).toBe(counted.pending);
      expect(waits).toBe((last?.attempt ?? 0) - changes.filter(isHandedOver).length);
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect({ executions, executionMs }).toEqual(
        last?.status === 'completed'
          ? { executions: 1, executionMs: last.durationMs }
          : { executions: 0, executionMs: 0 },
      );
    });
  });

  test('its history ends with its status, and never goes back in time', () => {
    forEveryLife(({ states }) => {
      for (const { task } of states) {
        const passages = history(task);
        const instants = passages.map(({ at }) => at);
        expect(instants).toEqual(instants.toSorted((one, other) => one - other));
        expect(passages.at(-1)?.status).toBe(task.status);
      }
    });
  });
});
