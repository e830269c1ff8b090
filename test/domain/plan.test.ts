import { describe, expect, test } from 'vitest';
import type { AgentRecord } from '#shared/domain/agent.ts';
import { plan } from '#shared/domain/plan.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import type { PendingTask } from '#shared/domain/task.ts';
import { anAgent, holding } from '../support/agents.ts';
import { aTask, hour, morning, second, excluding } from '../support/tasks.ts';

const candidates = (agents: readonly AgentRecord[]) => ({
  requirements: [],
  candidates: agents.map((agent) => ({ agent, capabilities: {} })),
});

/** Which agent gets which tasks. The random numbers are these values in turn. */
function planned(
  tasks: readonly PendingTask[],
  agents: readonly AgentRecord[],
  chances: readonly number[] = [0],
): Record<string, string[]> {
  let n = 0;
  const lanes = new Map(tasks.map(({ lane }) => [lane, candidates(agents)]));
  const result = plan(tasks, lanes, morning, defaultSettings, () => chances[n++ % chances.length] ?? 0);
  return Object.fromEntries([...result].map(([agent, given]) => [agent.id, given.map(({ id }) => id)]));
}

/** Which of two agents gets a task if the random numbers favor the second one as much as possible. */
const winnerAgainstOdds = (first: AgentRecord, second: AgentRecord) =>
  Object.keys(planned([aTask()], [first, second], [0.999, 0]))[0];

describe('tasks are assigned', () => {
  test('in lane order across lanes, as long as there are free slots', () => {
    const tasks = [
      aTask({ id: 'low', priority: 'low' }),
      aTask({ id: 'medium' }),
      aTask({ id: 'critical', priority: 'critical', lane: 'sql', readyAt: morning + hour }),
    ];
    expect(planned(tasks, [anAgent({ maximum: 2 })])).toEqual({ ada: ['critical', 'medium'] });
  });

  test('each to the best agent, given the tasks before it', () => {
    const agents = [anAgent({ id: 'small', maximum: 2 }), anAgent({ id: 'large', maximum: 4 })];
    const tasks = ['one', 'two', 'three'].map((id, n) => aTask({ id, readyAt: morning + n }));
    expect(planned(tasks, agents)).toEqual({ small: ['one'], large: ['two', 'three'] });
  });

  test('never to an agent that is full, stale, draining, excluded or already has an offer of it', () => {
    const unavailable = [
      anAgent({ id: 'full', maximum: 1, inbox: holding(1) }),
      anAgent({ id: 'stale', seenAt: morning - defaultSettings.staleAfterMs - second }),
      anAgent({ id: 'draining', state: 'draining' }),
      anAgent({ id: 'excluded' }),
      anAgent({ id: 'offered', inbox: { 'task-1': 'token' } }),
    ];
    const task = aTask({ excluded: excluding({ excluded: morning + hour }) });
    expect(planned([task], unavailable)).toEqual({});
    expect(planned([task], [...unavailable, anAgent({ id: 'free' })])).toEqual({ free: ['task-1'] });
  });
});

describe('chance', () => {
  test('decides between agents with similar scores', () => {
    const [tried, untried] = [anAgent({ id: 'tried', completed: 100, failed: 2 }), anAgent({ id: 'untried' })];
    expect(winnerAgainstOdds(untried, tried)).toBe('tried');
    expect(winnerAgainstOdds(tried, untried)).toBe('untried');
  });

  test('does not outweigh a clearly better score while slots are free', () => {
    const [reliable, unreliable] = [anAgent({ id: 'reliable' }), anAgent({ id: 'unreliable', failed: 1 })];
    expect(winnerAgainstOdds(reliable, unreliable)).toBe('reliable');
  });

  test('spreads concurrent routers when few slots are free', () => {
    const agents = [anAgent({ id: 'two-left', inbox: holding(3) }), anAgent({ id: 'one-left', inbox: holding(4) })];
    const crowd = Array.from({ length: 8 }, (_, n) => anAgent({ id: `full-${n}`, inbox: holding(5) }));
    const winner = (...chances: number[]) =>
      Object.keys(planned([aTask({ id: 'new' })], [...agents, ...crowd], chances))[0];
    expect(winner(0.999, 0)).toBe('one-left');
    expect(winner(0, 0.999)).toBe('two-left');
  });
});
