import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical, laneKey, laneOrder, representative, requirementsIn, sortable } from '#shared/domain/lane.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import { day, hour, minute, morning } from '../support/tasks.ts';

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/);
const requirements = fc.array(name, { maxLength: 20 });
const shuffledTwice = fc
  .uniqueArray(name, { maxLength: 20 })
  .chain((names) =>
    fc.tuple(fc.shuffledSubarray(names, { minLength: names.length }), fc.constant([...names, ...names])),
  );

describe('the lane of a requirement set', () => {
  test('is the same regardless of the order and repetition of the requirements', () => {
    expect(laneKey(['web', 'python', 'web'])).toBe('python|web');
    fc.assert(fc.property(shuffledTwice, ([one, other]) => laneKey(one) === laneKey(other)));
  });

  test('differs for other requirements', () => {
    fc.assert(
      fc.property(requirements, requirements, (one, other) => {
        const isSame = canonical(one).join(' ') === canonical(other).join(' ');
        expect(laneKey(one) === laneKey(other)).toBe(isSame);
      }),
    );
  });

  test('names the requirements, or is a short hash if they are long', () => {
    fc.assert(
      fc.property(requirements, (names) => {
        const key = laneKey(names);
        expect(key.length).toBeLessThanOrEqual(64);
        if (canonical(names).join('|').length <= 64) expect(requirementsIn(key)).toEqual(canonical(names));
        else expect([key, requirementsIn(key)]).toEqual([expect.stringMatching(/^=[\w-]{22}$/), undefined]);
      }),
    );
    expect(requirementsIn(laneKey([]))).toEqual([]);
  });

  test('is registered under a capability that every agent that can serve it has', () => {
    fc.assert(fc.property(requirements, (names) => [...names, '*'].includes(representative(names))));
    expect(representative([])).toBe('*');
    expect(representative(['web', 'python'])).toBe(representative(['python', 'web']));
  });
});

describe('the order in a lane', () => {
  const order = (priority: Parameters<typeof laneOrder>[0], readyAt = morning) =>
    laneOrder(priority, readyAt, defaultSettings.allowanceMs);
  const instant = fc.integer({ min: 0, max: Date.UTC(2200, 0) });

  test('is critical, high, medium, low for tasks that became ready together', () => {
    const orders = (['critical', 'high', 'medium', 'low'] as const).map((priority) => order(priority));
    expect(orders).toEqual(orders.toSorted());
  });

  test('is by age within a priority', () => {
    fc.assert(
      fc.property(fc.constantFrom('critical', 'high', 'medium', 'low'), instant, instant, (priority, one, other) => {
        expect(order(priority, one) < order(priority, other)).toBe(one < other);
      }),
    );
  });

  test('puts critical tasks first, however long others have waited', () => {
    fc.assert(
      fc.property(fc.constantFrom('high', 'medium', 'low'), instant, instant, (priority, one, other) => {
        expect(order('critical', one) < order(priority, other)).toBe(true);
      }),
    );
  });

  test('starves no priority: a task that waited longer than the difference of the allowances goes first', () => {
    expect(order('high', morning) < order('low', morning)).toBe(true);
    expect(order('low', morning) < order('high', morning + day)).toBe(true);
    expect(order('low', morning) < order('medium', morning + day - hour)).toBe(false);
    expect(order('low', morning) < order('medium', morning + day - hour + 1)).toBe(true);
    expect(order('medium', morning) < order('high', morning + hour - minute + 1)).toBe(true);
  });

  test('sorts times as text', () => {
    fc.assert(
      fc.property(instant, instant, (one, other) => {
        expect(sortable(one) < sortable(other)).toBe(one < other);
        expect(sortable(one)).toHaveLength(9);
      }),
    );
  });
});
