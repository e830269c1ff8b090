import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Polls } from '#clients/cli/bridge/polls.ts';
import { MusterClient } from '#clients/sdk/index.ts';
import { Claims } from '#clients/sdk/worker/claims.ts';
import { Runs } from '#clients/sdk/worker/runs.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** The claims of an idle agent with two slots, each answered with this delay. */
function startClaims(pollAfterMs: number) {
  const fetch = vi.fn<typeof globalThis.fetch>(() =>
    Promise.resolve(Response.json({ tasks: [], poll_after_ms: pollAfterMs })),
  );
  const claims = new Claims({
    client: new MusterClient({ url: 'http://muster.test', key: 'mst_key', fetch }),
    self: { agent_id: 'agent', instance: 'process-1' },
    runs: new Runs(2),
    taskTypes: undefined,
    maxPollMs: Infinity,
    onTask: () => undefined,
    onError: () => Promise.resolve(0),
    signal: new AbortController().signal,
  });
  const running = claims.run();
  onTestFinished(async () => {
    claims.stop();
    await running;
  });
  return { claims, count: () => fetch.mock.calls.length };
}

test('a worker polls when Muster says, and at once when there is work', async () => {
  const { claims, count } = startClaims(10_000);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(count()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(count()).toBe(2);
  claims.slotFreed(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(count()).toBe(3);
});

test('after a task, a worker polls within 2 seconds, since dependents may be ready', async () => {
  const { claims, count } = startClaims(10_000);
  await vi.advanceTimersByTimeAsync(5_000);
  claims.slotFreed(false);
  await vi.advanceTimersByTimeAsync(1_999);
  expect(count()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(count()).toBe(2);
  await vi.advanceTimersByTimeAsync(9_000);
  claims.slotFreed(false);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(count()).toBe(3);
});

const call = (name: string, input: object = {}) => ({ method: 'tools/call', params: { name, arguments: input } });
const claim = (agent_id?: string) => call('orchestration_claim_tasks', { agent_id });
const answer = (structuredContent: object) => ({ result: { structuredContent } });

test('the MCP bridge delays a claim until Muster wants it, for each agent separately', () => {
  const polls = new Polls();
  expect(polls.delayOf(claim('ada'), 0)).toBe(0);
  polls.note(claim('ada'), answer({ tasks: [], poll_after_ms: 2_000 }), 100);
  expect(polls.delayOf(claim('ada'), 600)).toBe(1_500);
  expect(polls.delayOf(claim('ada'), 2_100)).toBe(0);
  expect(polls.delayOf(claim('bob'), 600)).toBe(0);
  expect(polls.delayOf(claim(), 600)).toBe(0);
  expect(polls.delayOf({ method: 'tools/list' }, 600)).toBe(0);
});

test('the MCP bridge does not delay claims after work was found, nor longer than clients wait', () => {
  const polls = new Polls();
  polls.note(claim('ada'), answer({ tasks: [], poll_after_ms: 60_000 }), 0);
  expect(polls.delayOf(claim('ada'), 0)).toBe(30_000);
  polls.note(claim('ada'), answer({ tasks: [{}], poll_after_ms: 0 }), 0);
  expect(polls.delayOf(claim('ada'), 0)).toBe(0);
  polls.note(claim('ada'), answer({ code: 'agent_not_found' }), 0);
  expect(polls.delayOf(claim('ada'), 0)).toBe(0);
});

test('the MCP bridge expects work after any other call of its client except heartbeats', () => {
  const polls = new Polls();
  polls.note(claim('ada'), answer({ tasks: [], poll_after_ms: 2_000 }), 0);
  expect(polls.delayOf(call('orchestration_heartbeat_agent'), 0)).toBe(0);
  expect(polls.delayOf(claim('ada'), 0)).toBe(2_000);
  expect(polls.delayOf(call('orchestration_create_task'), 0)).toBe(0);
  expect(polls.delayOf(claim('ada'), 0)).toBe(0);
});
