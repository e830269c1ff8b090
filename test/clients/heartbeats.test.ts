import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { MusterClient } from '#clients/sdk/index.ts';
import { Heartbeats } from '#clients/sdk/worker/heartbeats.ts';
import { Run } from '#clients/sdk/worker/run.ts';
import { Runs } from '#clients/sdk/worker/runs.ts';
import type { ClaimedTask } from '#clients/sdk/types.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** An agent's heartbeats, with empty responses, and a way to begin runs. */
function startHeartbeats() {
  const fetch = vi.fn<typeof globalThis.fetch>(() =>
    Promise.resolve(Response.json({ leases: [], lost: [], unnamed: [] })),
  );
  const ended = new AbortController();
  const runs = new Runs(10);
  const heartbeats = new Heartbeats({
    client: new MusterClient({ url: 'http://muster.test', key: 'mst_key', fetch }),
    self: { agent_id: 'agent', instance: 'process-1' },
    runs,
    intervalMs: undefined,
    onUnnamed: () => undefined,
    onError: () => Promise.resolve(),
    signal: ended.signal,
  });
  const running = heartbeats.run();
  onTestFinished(async () => {
    ended.abort();
    await running;
  });
  const begin = (leaseSeconds: number): Run => {
    const started = Date.now();
    const task = {
      task_id: `task${leaseSeconds}`,
      status: 'running',
      attempt: 1,
      started_at: new Date(started).toISOString(),
      lease_expires_at: new Date(started + leaseSeconds * 1000).toISOString(),
    };
    const run = new Run(task as ClaimedTask);
    runs.add(run);
    heartbeats.watch(run);
    return run;
  };
  return { begin, runs, beats: () => fetch.mock.calls.length };
}

test.for([
  { lease: 10, every: 3_334 },
  { lease: 30, every: 10_000 },
  { lease: 300, every: 20_000 },
  { lease: 1, every: 1_000 },
])('a lease of $lease s is renewed every $every ms', async ({ lease, every }) => {
  const { begin, beats } = startHeartbeats();
  begin(lease);
  await vi.advanceTimersByTimeAsync(every - 10);
  expect(beats()).toBe(0);
  await vi.advanceTimersByTimeAsync(20);
  expect(beats()).toBe(1);
  await vi.advanceTimersByTimeAsync(2 * every);
  expect(beats()).toBe(3);
});

test('later runs do not delay the heartbeat; a shorter lease brings it forward', async () => {
  const { begin, beats } = startHeartbeats();
  begin(30);
  await vi.advanceTimersByTimeAsync(9_000);
  begin(300);
  await vi.advanceTimersByTimeAsync(1_100);
  expect(beats()).toBe(1);
  begin(12);
  await vi.advanceTimersByTimeAsync(4_100);
  expect(beats()).toBe(2);
});

test('an agent that holds nothing sends no heartbeats', async () => {
  const { begin, runs, beats } = startHeartbeats();
  const run = begin(30);
  run.phase = 'over';
  runs.remove(run);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(beats()).toBe(0);
});
