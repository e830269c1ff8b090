import { describe, expect, test } from 'vitest';
import { summarize, type FleetMember } from '#shared/domain/fleet.ts';
import { recommend, type Situation } from '#shared/domain/recommendations.ts';
import { noCounts } from '#shared/domain/statistics.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import type { AgentRecord } from '#shared/domain/agent.ts';
import { anAgent, holding } from '../support/agents.ts';
import { minute, morning } from '../support/tasks.ts';

/** All are unseen for 10 minutes and fail often. */
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
    fleet,
    agents: summarize(fleet, now, defaultSettings),
    routing: { total_tasks: 51, assigned_count: 0, assignment_rate: 0, should_rebalance: false, skew: 0 },
    stuck: [],
    now,
    settings: defaultSettings,
  };
  return recommend(situation).map(({ code }) => code);
};

describe('agents that drain or have left', () => {
  test('are counted apart from those that are not responding, and only those that left are out of the means', () => {
    const fleet = fleetOf('active', 'draining', 'leaving', 'left');
    expect(summarize(fleet, now, defaultSettings)).toMatchObject({
      total_agents: 4,
      available_agents: 0,
      stale_agents: 1,
      draining_agents: 2,
      left_agents: 1,
      avg_success_rate: 0.5,
    });
    const busy = { agent: anAgent({ inbox: holding(5) }), profile: undefined };
    expect(summarize([busy, ...fleetOf('left', 'left')], now, defaultSettings)).toMatchObject({
      avg_success_rate: 1,
      avg_utilization: 1,
    });
  });

  test('are no fault: they are neither stale nor unsuccessful, and their slots are none for waiting work', () => {
    expect(codesOf(fleetOf('draining', 'leaving', 'left'))).toEqual([]);
    expect(codesOf(fleetOf('active'))).toEqual(['stale_agents', 'deep_queue', 'low_success']);
    expect(codesOf(fleetOf('active', 'left'))).toEqual(['stale_agents', 'deep_queue', 'low_success']);
  });
});
