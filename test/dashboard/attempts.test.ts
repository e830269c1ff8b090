import { expect, test } from 'vitest';
import { historyLinesOf } from '../../clients/dashboard/view/attempts.ts';

const second = (n: number) => 1e12 + n * 1000;
const at = (n: number) => new Date(second(n)).toISOString();

test('the history is shown by attempt, latest first, with the agent, the duration and the outcome', () => {
  expect(
    historyLinesOf([
      { status: 'waiting', at: at(0) },
      { status: 'pending', at: at(1) },
      { status: 'assigned', at: at(2), attempt: 1, agent_id: 'fixer' },
      { status: 'running', at: at(3), attempt: 1, agent_id: 'fixer' },
      { status: 'pending', at: at(15), attempt: 1, reason: 'no checkout' },
      { status: 'running', at: at(20), attempt: 2, agent_id: 'other' },
      { status: 'failed', at: at(30), attempt: 2, reason: 'line 88' },
    ]),
  ).toEqual([
    {
      at: second(20),
      status: 'failed',
      reason: 'line 88',
      attempt: { number: 2, agentId: 'other', startedAt: second(20), endedAt: second(30) },
    },
    {
      at: second(2),
      status: 'pending',
      reason: 'no checkout',
      attempt: { number: 1, agentId: 'fixer', startedAt: second(3), endedAt: second(15) },
    },
    { at: second(1), status: 'pending' },
    { at: second(0), status: 'waiting', isCreation: true },
  ]);
});

test('an assignment that was never started has no start, and the next one is a separate attempt', () => {
  const [second, first] = historyLinesOf([
    { status: 'assigned', at: at(0), attempt: 1, agent_id: 'gone' },
    { status: 'pending', at: at(5), attempt: 1, reason: 'not responding' },
    { status: 'assigned', at: at(6), attempt: 2, agent_id: 'fixer' },
  ]);
  expect(first?.attempt).toMatchObject({ number: 1, agentId: 'gone' });
  expect(first?.attempt).not.toHaveProperty('startedAt');
  expect(second).toMatchObject({ status: 'assigned', attempt: { number: 2, agentId: 'fixer' } });
});

test('a cancellation and retry between attempts are shown separately', () => {
  const lines = historyLinesOf([
    { status: 'pending', at: at(0) },
    { status: 'cancelled', at: at(1), reason: 'not needed' },
    { status: 'pending', at: at(2) },
  ]);
  expect(lines.map(({ status, reason }) => [status, reason])).toEqual([
    ['pending', undefined],
    ['cancelled', 'not needed'],
    ['pending', undefined],
  ]);
});

test('a reason that only repeats the status is left out', () => {
  const lines = historyLinesOf([
    { status: 'pending', at: at(0) },
    { status: 'cancelled', at: at(1), reason: 'cancelled' },
    { status: 'pending', at: at(2) },
    { status: 'assigned', at: at(3), attempt: 1, agent_id: 'bot' },
    { status: 'cancelled', at: at(4), attempt: 1, reason: 'cancelled' },
  ]);
  expect(lines.map(({ reason }) => reason)).toEqual([undefined, undefined, undefined, undefined]);
});
