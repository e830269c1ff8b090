import { expect, test } from 'vitest';
import { pollAfterMs } from '#shared/domain/polling.ts';
import { defaultSettings, type Settings } from '#shared/domain/settings.ts';
import { anAgent } from '../support/agents.ts';
import { minute, morning, second } from '../support/tasks.ts';

/** When an agent that found nothing in the morning polls again, in the middle of the range. */
const pollAfter = (agent: Parameters<typeof anAgent>[0], settings: Partial<Settings> = {}) =>
  pollAfterMs(anAgent(agent), morning, { ...defaultSettings, ...settings }, 0.5);

/** Like `Random.token`, but without the random part. */
const offerMadeAt = (time: number) => `${time.toString(36)}.`;

const since = { registeredAt: morning - 60 * minute };

test.each([
  { idle: 0, wait: 2 * second },
  { idle: 10 * second, wait: 2 * second },
  { idle: 20 * second, wait: 4 * second },
  { idle: 50 * second, wait: 10 * second },
  { idle: 30 * minute, wait: 10 * second },
])('an agent that reported $idle ms ago polls again after $wait ms', ({ idle, wait }) => {
  expect(pollAfter({ ...since, workedAt: morning - idle })).toBe(wait);
});

test('being assigned a task, and a new process or agent, also count as activity', () => {
  const longAgo = { ...since, workedAt: morning - 30 * minute };
  expect(pollAfter({ ...longAgo, inbox: { task: offerMadeAt(morning - 20 * second) } })).toBe(4 * second);
  expect(pollAfter({ ...longAgo, instance: { id: 'process-1', since: morning - 20 * second } })).toBe(4 * second);
  expect(pollAfter({ registeredAt: morning - 20 * second })).toBe(4 * second);
});

test.each([
  { title: 'the configured one', settings: { maxPollMs: 60 * second, startWithinMs: 5 * minute }, wait: 60 },
  { title: 'half a second on the laptop', settings: { maxPollMs: 500 }, wait: 0.5 },
  { title: 'a third of the time in which tasks must be started', settings: { startWithinMs: 15 * second }, wait: 5 },
  { title: 'a third of the time after which agents are stale', settings: { staleAfterMs: 24 * second }, wait: 8 },
])('the maximum wait is $title', ({ settings, wait }) => {
  expect(pollAfter(since, settings)).toBe(wait * second);
});

test('agents that started together do not poll together', () => {
  const waits = [0, 0.25, 1].map((fraction) => pollAfterMs(anAgent(since), morning, defaultSettings, fraction));
  expect(waits).toEqual([8000, 9000, 12_000]);
});
