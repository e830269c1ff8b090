import { describe, expect, test } from 'vitest';
import {
  confidenceIn,
  isCapable,
  outcomeOf,
  score,
  successRate,
  unavailable,
  type AgentRecord,
  type Capabilities,
} from '#shared/domain/agent.ts';
import { assign, complete, fail, requeue } from '#shared/domain/holding.ts';
import { cancel } from '#shared/domain/lifecycle.ts';
import { defaultSettings, times } from '#shared/domain/settings.ts';
import { isAbandoned, isTakeable } from '#shared/domain/offer.ts';
import { anAgent, holding } from '../support/agents.ts';
import { after, anOffer, assignedTask, minute, morning, runningTask, second, excluding } from '../support/tasks.ts';

const python: Capabilities = { python: { confidence: 1, source: 'declared' } };

describe("an agent's score", () => {
  test('is 0 for an agent with 95 % success and no free slot, so one with 80 % and two of eight slots used wins', () => {
    const overloaded = anAgent({ completed: 950, failed: 50, maximum: 10, inbox: holding(10) });
    const free = anAgent({ completed: 800, failed: 200, maximum: 8, inbox: holding(2) });
    expect(score(overloaded, python, ['python'])).toBe(0);
    expect(score(free, python, ['python'])).toBeCloseTo(0.8 * 0.75, 2);
  });

  test('is never below 0, even after its maximum was lowered', () => {
    expect(score(anAgent({ maximum: 1, inbox: holding(3) }), python, [])).toBe(0);
  });

  test('is 1 for a new agent, and one failure lowers it only moderately', () => {
    expect(score(anAgent(), python, ['python'])).toBe(1);
    expect(score(anAgent({ failed: 1 }), python, ['python'])).toBeCloseTo(2 / 3);
    expect(score(anAgent({ failed: 1 }), {}, [])).toBeGreaterThan(score(anAgent({ failed: 3 }), {}, []));
  });

  test('uses the lowest confidence among the required capabilities', () => {
    const capabilities: Capabilities = { ...python, cuda: { confidence: 0.3, source: 'learned' } };
    expect(score(anAgent(), capabilities, ['python', 'cuda'])).toBeCloseTo(0.3);
    expect(score(anAgent(), capabilities, ['python', 'rust'])).toBe(0);
  });

  test('uses confidences that change with the outcomes of tasks that required the capability', () => {
    const confidence = (successes: number, failures: number) =>
      confidenceIn(anAgent({ successes: { python: successes }, failures: { python: failures } }), 'python', python);
    expect(confidence(0, 0)).toBe(1);
    expect(confidence(0, 4)).toBe(0.5);
    expect(confidence(4, 4)).toBeCloseTo(8 / 12);
    expect(confidence(0, 400)).toBeLessThan(0.01);
  });
});

test('the success rate shown is completed divided by all, and 1 without evidence', () => {
  expect(successRate(anAgent())).toBe(1);
  expect(successRate(anAgent({ completed: 19, failed: 1 }))).toBe(0.95);
});

test('an agent is capable if it has every requirement, by exact name', () => {
  expect(isCapable({ ...python, nosql: { confidence: 1, source: 'declared' } }, ['python', 'nosql'])).toBe(true);
  expect(isCapable({ nosql: { confidence: 1, source: 'declared' } }, ['sql'])).toBe(false);
  expect(isCapable(python, ['toString'])).toBe(false);
  expect(isCapable({}, [])).toBe(true);
});

describe('an agent is unavailable', () => {
  const why = (agent: Partial<AgentRecord>, excluded = {}) =>
    unavailable(anAgent(agent), { excluded }, morning, defaultSettings);

  test('while it is full, draining, stale or excluded from the task, and available otherwise', () => {
    expect(why({})).toBeUndefined();
    expect(why({ inbox: holding(5) })).toBe('full');
    expect(why({ maximum: 2, inbox: holding(3) })).toBe('full');
    expect(why({ state: 'draining' })).toBe('draining');
    expect(why({}, excluding({ ada: morning + 1 }))).toBe('excluded');
    expect(why({}, { ada: morning, bob: morning + minute })).toBeUndefined();
  });

  test('from 3 minutes after it was last seen', () => {
    expect(why({ seenAt: morning - 3 * minute })).toBeUndefined();
    expect(why({ seenAt: morning - 3 * minute - 1 })).toBe('stale');
  });
});

describe('the outcome of a hold', () => {
  const failure = { cause: 'failed', shouldRetry: true, report: {}, fraction: 0 } as const;
  const token = anOffer().token;
  const running = runningTask();

  test('is open while the hold lasts, and for offers that never won', () => {
    expect(outcomeOf(assignedTask(), token)).toBeUndefined();
    expect(outcomeOf(running, token)).toBeUndefined();
    expect(outcomeOf(running, 'another')).toBeUndefined();
    const done = after(running, complete({ agentId: 'ada', attempt: 1 }, {}, morning + minute));
    expect(outcomeOf(done, 'an offer of the task that somebody else has completed')).toBeUndefined();
  });

  test('is a success with its duration, as measured by the agent or from start to end', () => {
    const reporter = { agentId: 'ada', attempt: 1 };
    const done = after(running, complete(reporter, {}, morning + minute));
    expect(outcomeOf(done, token)).toEqual({ kind: 'completed', durationMs: minute });
    const measured = after(running, complete(reporter, { durationMs: 250 }, morning + minute));
    expect(outcomeOf(measured, token)).toEqual({ kind: 'completed', durationMs: 250 });
  });

  test.each(['failed', 'timed_out', 'agent_lost'] as const)('is a failure if it %s, retried or not', (cause) => {
    for (const shouldRetry of [true, false]) {
      const failed = after(running, fail(running, { ...failure, cause, shouldRetry }, morning, defaultSettings));
      expect(outcomeOf(failed, token)).toEqual({ kind: 'failed' });
    }
  });

  test('is not counted if the task was released, taken away or cancelled', () => {
    const assigned = assignedTask();
    const toBob = anOffer({ agentId: 'bob', token: 'bob-1', by: 'manual' });
    for (const ended of [
      after(running, requeue(running, { cause: 'released' }, morning, defaultSettings)),
      after(assigned, requeue(assigned, { cause: 'not_started' }, morning, defaultSettings)),
      after(assigned, assign(assigned, toBob, morning, defaultSettings)),
      after(running, cancel(running, undefined, morning)),
    ]) {
      expect(outcomeOf(ended, token)).toEqual({ kind: 'none' });
    }
  });
});

test('an offer can be taken for 10 seconds and is abandoned after a minute, never both', () => {
  const token = `${morning.toString(36)}.chance`;
  expect(times.offerMs).toBeLessThan(times.abandonedOfferMs);
  expect(isTakeable(token, morning + 10 * second)).toBe(true);
  expect(isTakeable(token, morning + 10 * second + 1)).toBe(false);
  expect(isAbandoned(token, morning + minute)).toBe(false);
  expect(isAbandoned(token, morning + minute + 1)).toBe(true);
});
