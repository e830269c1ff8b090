import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fleetStatistics,
  mergedFleet,
  routingStatistics,
  skewOf,
  summarize,
  type FleetMember,
} from '#shared/domain/fleet.ts';
import { noLanes } from '#shared/domain/lane-summary.ts';
import { recommend, type Situation } from '#shared/domain/recommendations.ts';
import { noCounts } from '#shared/domain/statistics.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import type { AgentRecord } from '#shared/domain/agent.ts';
import { anAgent, holding } from '../support/agents.ts';
import { minute, morning } from '../support/tasks.ts';

/** All have been unseen for 10 minutes and fail often. */
const fleetOf = (...states: AgentRecord['state'][]): FleetMember[] =>
  states.map((state) => ({ agent: anAgent({ state, completed: 5, failed: 5 }), profile: undefined }));
const now = morning + 10 * minute;

const codesOf = (fleet: FleetMember[]) => {
  const {
    pendingAuto: _auto,
    executions: _runs,
    executionMs: _ms,
    waits: _waits,
    waitMs: _waitMs,
    ...counts
  } = noCounts();
  const times = { success_rate: 1, avg_execution_ms: 0, avg_wait_ms: 0, oldest_pending_seconds: 0 };
  const situation: Situation = {
    queue: { ...counts, ...times, pending: 51, total: 51 },
    fleet: summarize(fleet, now, defaultSettings),
    lanes: noLanes,
    routing: { total_tasks: 51, assigned_count: 0, assignment_rate: 0, should_rebalance: false, skew: 0 },
  };
  return recommend(situation).map(({ code }) => code);
};

describe('agents that are draining or have left', () => {
  test('are counted separately from stale ones, and only those that left are excluded from the means', () => {
    const fleet = fleetOf('active', 'draining', 'leaving', 'left');
    expect(fleetStatistics(summarize(fleet, now, defaultSettings))).toMatchObject({
      total_agents: 4,
      available_agents: 0,
      stale_agents: 1,
      draining_agents: 2,
      left_agents: 1,
      avg_success_rate: 0.5,
    });
    const busy = { agent: anAgent({ inbox: holding(5) }), profile: undefined };
    expect(fleetStatistics(summarize([busy, ...fleetOf('left', 'left')], now, defaultSettings))).toMatchObject({
      avg_success_rate: 1,
      avg_utilization: 1,
    });
  });

  test('are neither stale nor failing, and their slots do not count for waiting work', () => {
    expect(codesOf(fleetOf('draining', 'leaving', 'left'))).toEqual([]);
    const seen = { agent: anAgent({ seenAt: now }), profile: undefined };
    expect(codesOf([seen, ...fleetOf('left')])).toEqual(['deep_queue']);
    expect(codesOf([seen, ...fleetOf('active', 'left')])).toEqual(['stale_agents', 'deep_queue', 'low_success']);
    expect(codesOf([seen, seen])).toEqual([]);
  });

  test('are named as the cause of a wait if all active agents are stale, not too few slots', () => {
    expect(codesOf(fleetOf('active'))).toEqual(['stale_agents', 'low_success']);
  });
});

describe('a fleet summarized in parts', () => {
  const member = fc
    .record({
      state: fc.constantFrom('active', 'draining', 'leaving', 'left'),
      held: fc.nat(5),
      completed: fc.nat(9),
      failed: fc.nat(9),
      seenAt: fc.constantFrom(morning, now),
      names: fc.uniqueArray(fc.constantFrom('python', 'sql', 'constructor', '__proto__')),
    })
    .map(({ held, names, ...fields }): FleetMember => {
      const capability = { confidence: 1, source: 'declared' as const };
      const capabilities = Object.fromEntries(names.map((name) => [name, capability]));
      return {
        agent: anAgent({ ...fields, inbox: holding(held) }),
        profile: { id: 'agent', version: 1, capabilities },
      };
    });

  test('has the same summary as when summarized at once', () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 12 }), fc.nat(12), (fleet, cut) => {
        const sum = (some: FleetMember[]) => summarize(some, now, defaultSettings);
        const stored = (some: FleetMember[]) => JSON.parse(JSON.stringify(sum(some))) as ReturnType<typeof sum>;
        const parts = mergedFleet(stored(fleet.slice(0, cut)), sum(fleet.slice(cut)));
        expect(skewOf(parts).skew).toBe(skewOf(sum(fleet)).skew);
        const { avg_success_rate, avg_utilization, ...exact } = fleetStatistics(sum(fleet));
        const close = (value: number) => expect.closeTo(value, 9) as number;
        expect(fleetStatistics(parts)).toEqual({
          ...exact,
          avg_success_rate: close(avg_success_rate),
          avg_utilization: close(avg_utilization),
        });
      }),
    );
  });

  test('has a small summary, however large it is', () => {
    const all = Array.from({ length: 3000 }, (_, n): FleetMember => {
      const capabilities = Object.fromEntries(
        Array.from({ length: 10 }, (_none, m) => [
          `skill-${n}-${m}`.padEnd(64, 'x'),
          { confidence: 1, source: 'declared' as const },
        ]),
      );
      const id = `agent-${n}`.padEnd(64, 'x');
      return {
        agent: anAgent({ id, completed: 5, failed: 5, inbox: holding(5) }),
        profile: { id, version: 1, capabilities },
      };
    });
    const summary = summarize(all, now, defaultSettings);
    expect(summary).toMatchObject({ agents: 3000, stale: 3000, busy: 3000 });
    expect(JSON.stringify(summary).length).toBeLessThan(25_000);
    const queue = { ...noCounts(), success_rate: 1, avg_execution_ms: 0, avg_wait_ms: 0, oldest_pending_seconds: 0 };
    const told = recommend({
      queue: { ...queue, pending: 1, total: 1 },
      fleet: summary,
      lanes: noLanes,
      routing: routingStatistics(noCounts(), summary),
    });
    expect(told.map(({ code }) => code)).toEqual(['stale_agents', 'low_success']);
    expect(JSON.stringify(told).length).toBeLessThan(10_000);
  });
});
