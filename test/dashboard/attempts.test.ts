import { expect, test } from 'vitest';
import { happeningsOf } from '../../clients/dashboard/view/attempts.ts';

const at = (seconds: number) => new Date(1e12 + seconds * 1000).toISOString();

test('what happened is told the latest first, with who, how long and why it ended', () => {
  const happenings = happeningsOf([
    { status: 'waiting', at: at(0) },
    { status: 'pending', at: at(1) },
    { status: 'assigned', at: at(2), attempt: 1, agent_id: 'fixer' },
    { status: 'running', at: at(3), attempt: 1, agent_id: 'fixer' },
    { status: 'pending', at: at(15), attempt: 1, reason: 'no checkout' },
    { status: 'running', at: at(20), attempt: 2, agent_id: 'other' },
    { status: 'failed', at: at(30), attempt: 2, reason: 'line 88' },
  ]);
  const told = happenings.map(({ what, attempt, agentId, lastedMs, reason }) => [
    what,
    attempt,
    agentId,
    lastedMs,
    reason,
  ]);
  expect(told).toEqual([
    ['failed', 2, 'other', 10_000, 'line 88'],
    ['running', 2, 'other', undefined, undefined],
    ['returned', 1, 'fixer', 12_000, 'no checkout'],
    ['running', 1, 'fixer', undefined, undefined],
    ['assigned', 1, 'fixer', undefined, undefined],
    ['ready', 0, undefined, undefined, undefined],
    ['created', 0, undefined, undefined, undefined],
  ]);
});

test('a task without a past has nothing to tell', () => {
  expect(happeningsOf([])).toEqual([]);
});
