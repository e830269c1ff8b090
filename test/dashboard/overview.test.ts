import { expect, test } from 'vitest';
import { headlineOf, helpFor } from '../../clients/dashboard/view/overview.ts';

type Health = Parameters<typeof headlineOf>[0];

function health(queue: Partial<Health['queue']>, agents: Partial<Health['agents']> = {}): Health {
  const none = { waiting: 0, pending: 0, assigned: 0, running: 0, completed: 0, failed: 0, blocked: 0, cancelled: 0 };
  return {
    queue: { ...none, total: 9, oldest_pending_seconds: 42, ...queue } as Health['queue'],
    agents: { total_agents: 2, available_agents: 1, left_agents: 0, ...agents } as Health['agents'],
  };
}

test.each([
  ['nothing', health({ total: 0 }, { total_agents: 0 }), 'Nothing here yet', 'calm'],
  ['agents alone', health({ total: 0 }), 'Ready for work', 'calm'],
  ['ended tasks', health({ completed: 9 }), 'All work is done', 'calm'],
  ['running tasks', health({ running: 2, pending: 1 }), 'Work is flowing', 'good'],
  ['ready tasks that no agent takes', health({ pending: 3 }), 'No work is running', 'bad'],
  [
    'ready tasks and agents that all left',
    health({ pending: 3 }, { left_agents: 2 }),
    '3 tasks ready, no agent',
    'bad',
  ],
  ['blocked tasks alone', health({ blocked: 1, waiting: 2 }), 'No work is running', 'bad'],
])('with %s, it shows the status', (_, given, title, tone) => {
  expect(headlineOf(given)).toMatchObject({ title, tone });
});

test('numbers support the sentence', () => {
  expect(headlineOf(health({ running: 2, pending: 1 })).text).toBe(
    '2 tasks with agents. The oldest ready task has waited 42 s.',
  );
  expect(headlineOf(health({ pending: 3 }, { available_agents: 0 })).text).toBe(
    '3 tasks ready. The oldest ready task has waited 42 s. No agent is available.',
  );
  expect(headlineOf(health({ blocked: 1, waiting: 2 })).text).toBe('2 tasks wait for dependencies, 1 is blocked.');
});

test('every recommendation links to its subject', () => {
  const path = (code: Parameters<typeof helpFor>[0]['code'], evidence = {}) =>
    helpFor({ code, message: '', evidence }).path;
  expect(path('no_capable_agent', { task_id: '01K' })).toBe('/tasks/01K');
  expect(path('no_capable_agent')).toBe('/tasks');
  expect(path('stale_agents')).toBe('/agents');
  expect(helpFor({ code: 'low_success', message: '', evidence: {} }).query).toEqual({ status: 'failed' });
});
