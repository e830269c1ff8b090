import { describe, expect, test } from 'vitest';
import { Refusal } from '#shared/contract/problem.ts';
import { isDeliveredTo, isInUse, isKnown, requireCurrent, waitHint, type Occupant } from '#shared/domain/instance.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import { anAgent } from '../support/agents.ts';
import { assignedTask, minute, morning, runningTask } from '../support/tasks.ts';

const instance = { id: 'process-1', host: 'web-1', since: morning };

describe('an agent id', () => {
  const occupant = (fields: Partial<Occupant> = {}): Occupant => ({
    instance,
    seenAt: morning,
    hasLeft: false,
    ...fields,
  });

  test('is in use for a minute after its process was last seen', () => {
    expect(isInUse(occupant(), morning + minute, defaultSettings)).toBe(true);
    expect(isInUse(occupant(), morning + minute + 1, defaultSettings)).toBe(false);
  });

  test('is in use for longer if agents may poll less often', () => {
    const rarely = { ...defaultSettings, maxPollMs: minute, startWithinMs: 10 * minute, staleAfterMs: 10 * minute };
    expect(isInUse(occupant(), morning + 2 * minute, rarely)).toBe(true);
    expect(isInUse(occupant(), morning + 3 * minute, rarely)).toBe(false);
  });

  test('is in use for a minute after a process got it, even if that was not seen yet', () => {
    expect(isInUse(occupant({ seenAt: 0 }), morning + minute, defaultSettings)).toBe(true);
  });

  test('is free once its process has left, or if no process names itself', () => {
    expect(isInUse(occupant({ hasLeft: true }), morning, defaultSettings)).toBe(false);
    expect(isInUse({ seenAt: morning, hasLeft: false }, morning, defaultSettings)).toBe(false);
  });
});

test('a refused applicant for an agent id learns how long its process must be silent', () => {
  const occupant = { instance, seenAt: morning + 20_000, hasLeft: false };
  const hintAt = (now: number) => waitHint(instance, occupant, now, defaultSettings);
  expect(hintAt(morning + 50_500)).toMatch(/stops or is silent for 30 more seconds, or register with takeover=true/);
  expect(hintAt(morning + 20_000 + minute)).toMatch(/silent for 1 more second,/);
});

describe('a process acts for an agent', () => {
  const refused = (agent: Parameters<typeof requireCurrent>[0], named: string | undefined) => {
    try {
      requireCurrent(agent, named);
      return undefined;
    } catch (error) {
      return error instanceof Refusal ? `${error.code}: ${error.message}` : error;
    }
  };

  test('that is its own, or that names no process if it names none', () => {
    expect(refused(anAgent({ instance }), 'process-1')).toBeUndefined();
    expect(refused(anAgent(), undefined)).toBeUndefined();
  });

  test('no longer once another process has it, which is named with its host', () => {
    expect(refused(anAgent({ instance }), 'process-2')).toMatch(
      /^agent_replaced: .*process-1 on host web-1 since 2026/,
    );
    expect(refused(anAgent(), 'process-2')).toMatch(/^agent_replaced/);
  });

  test('never without a name while a named process has it', () => {
    expect(refused(anAgent({ instance }), undefined)).toMatch(/^agent_in_use: .*process-1 on host web-1 since 2026/);
  });
});

describe('an attempt', () => {
  test('that runs belongs to the process it was delivered to', () => {
    const running = { ...runningTask(), instance: 'process-1' };
    expect([isDeliveredTo(running, 'process-1'), isDeliveredTo(running, 'process-2')]).toEqual([true, false]);
    expect([isDeliveredTo(runningTask(), undefined), isDeliveredTo(runningTask(), 'process-2')]).toEqual([true, false]);
  });

  test('that is only assigned belongs to any process until one claims it', () => {
    expect([isDeliveredTo(assignedTask(), undefined), isDeliveredTo(assignedTask(), 'process-1')]).toEqual([
      true,
      true,
    ]);
    expect(isDeliveredTo({ ...assignedTask(), instance: 'process-1' }, 'process-2')).toBe(false);
  });

  test('is known to its agent once the agent or a heartbeat names it', () => {
    const running = runningTask();
    const named = [{ task_id: running.id, attempt: 1 }];
    expect(isKnown(running, named)).toBe(true);
    expect(isKnown(running, [{ task_id: running.id, attempt: 2 }])).toBe(false);
    expect(isKnown(running, [])).toBe(false);
    expect(isKnown({ ...running, isWorkedOn: true }, [])).toBe(true);
    expect([isKnown(running, undefined), isKnown(assignedTask(), undefined)]).toEqual([true, false]);
  });
});
