import { describe, expect, test } from 'vitest';
import { complete, renew, requeue, start, take } from '#shared/domain/holding.ts';
import { enterLane } from '#shared/domain/lifecycle.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import { shows } from '#shared/domain/transition.ts';
import {
  after,
  anOffer,
  assignedTask,
  aTask,
  hour,
  inState,
  minute,
  morning,
  runningTask,
  aRecipient,
} from '../support/tasks.ts';

describe('whether an earlier try made a refused write', () => {
  test('is recognized by the state of the task', () => {
    const taken = take({ timeoutMs: hour }, anOffer(), morning, defaultSettings);
    expect(shows(after(aTask(), taken), taken)).toBe(true);
    expect(shows(aTask(), taken)).toBe(false);
    const done = complete({ agentId: 'ada', attempt: 1 }, { report: { result: 1 } }, morning);
    expect(shows(after(runningTask(), done), done)).toBe(true);
    const other = complete({ agentId: 'ada', attempt: 1 }, { report: { result: 2 } }, morning);
    expect(shows(after(runningTask(), done), other)).toBe(false);
  });

  test('is recognized regardless of the order of map keys', () => {
    const at = (minutes: number) => morning + minutes * minute;
    const first = requeue(assignedTask(), { cause: 'not_started' }, morning, defaultSettings);
    const held = inState(
      'assigned',
      after(
        after(assignedTask(), first),
        take({ timeoutMs: hour }, anOffer({ agentId: 'bob', token: 'b' }), at(1), defaultSettings),
      ),
    );
    const second = requeue(held, { cause: 'not_started' }, at(2), defaultSettings);
    const stored = after(held, second);
    const reversed = Object.fromEntries(Object.entries(stored.excluded).reverse());
    expect(Object.keys(reversed)).toHaveLength(2);
    expect(shows({ ...stored, excluded: reversed }, second)).toBe(true);
  });

  test('is not assumed for another attempt that looks the same', () => {
    const started = start(assignedTask(), aRecipient(), morning, defaultSettings);
    expect(shows(runningTask(), started)).toBe(true);
    expect(shows({ ...runningTask(), attempt: 2 }, started)).toBe(false);
    const done = complete({ agentId: 'ada', attempt: 1 }, {}, morning);
    expect(shows({ ...after(runningTask(), done), attempt: 2 }, done)).toBe(false);
  });

  test('is not assumed if others may have made the same change', () => {
    const running = runningTask();
    expect(shows(running, renew(running, undefined, morning, defaultSettings))).toBe(false);
    expect(shows(aTask(), enterLane(aTask(), { in: 'timers', at: morning }))).toBe(false);
  });
});
