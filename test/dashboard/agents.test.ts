import { expect, test } from 'vitest';
import { agentsHeadline, evidenceOf, heatOf } from '../../clients/dashboard/view/agents.ts';
import { keyState } from '../../clients/dashboard/view/keys.ts';

type Statistics = Parameters<typeof agentsHeadline>[0];

test.each([
  [{ total_agents: 0 }, 'No agent is registered'],
  [{ total_agents: 2, left_agents: 2 }, 'No agent is registered'],
  [{ stale_agents: 1 }, '1 agent is not responding'],
  [{ available_agents: 0 }, 'No agent is free'],
  [{}, '2 agents can take a task now'],
])('agents in %j: %s', (given, title) => {
  const usual = { total_agents: 3, left_agents: 0, stale_agents: 0, available_agents: 2, busy_agents: 1 };
  const statistics = { ...usual, slots_used: 2, slots_total: 9, ...given } as Statistics;
  expect(agentsHeadline(statistics).title).toBe(title);
});

test('the higher the confidence, the darker the color, in five steps', () => {
  expect([0, 0.2, 0.21, 0.99, 1].map((confidence) => heatOf({ confidence }))).toEqual([1, 1, 2, 5, 5]);
});

test('a confidence shows the evidence it is based on', () => {
  const one = { name: 'go', confidence: 0.9, source: 'declared' as const };
  expect(evidenceOf({ ...one, completed: 0, failed: 0 })).toBe('declared, not tried yet');
  expect(evidenceOf({ ...one, completed: 3, failed: 1 })).toBe('3 of 4 tasks completed');
});

test('a key is valid until it is revoked or expires', () => {
  const key = { key_id: 'a1b2c3d4e5f6', role: 'viewer' as const, created_at: '2026-01-01T00:00:00.000Z' };
  const now = Date.parse('2026-06-01T00:00:00.000Z');
  expect(keyState(key, now)).toBe('valid');
  expect(keyState({ ...key, expires_at: '2026-06-01T00:00:00.000Z' }, now)).toBe('expired');
  expect(keyState({ ...key, expires_at: '2026-06-01T00:00:00.001Z' }, now)).toBe('valid');
  expect(keyState({ ...key, revoked_at: '2026-05-01T00:00:00.000Z' }, now)).toBe('revoked');
});
