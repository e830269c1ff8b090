import { expect, test, vi } from 'vitest';
import { MusterClient } from '#clients/sdk/index.ts';

/** A client that gets these responses. */
function clientAnsweredWith(...answers: Response[]) {
  const fetch = vi.fn<typeof globalThis.fetch>(() => Promise.resolve(answers.shift() ?? Response.json({ pending: 1 })));
  return { client: new MusterClient({ url: 'http://muster.test', key: 'mst_key', fetch }), fetch };
}

const busyFor = (retryAfter: string) => Response.json({}, { status: 503, headers: { 'retry-after': retryAfter } });

test('the client waits for Retry-After', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const inHalfAMinute = new Date(Math.ceil(Date.now() / 1000) * 1000 + 30_000).toUTCString();
  const { client, fetch } = clientAnsweredWith(busyFor('7'), busyFor(inHalfAMinute));
  const asked = client.getQueueStatistics();
  await vi.advanceTimersByTimeAsync(6_999);
  expect(fetch).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(500);
  expect(fetch).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(21_000);
  expect(fetch).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(12_000);
  expect(await asked).toEqual({ pending: 1 });
});

test('a wait of more than a minute is left to the caller', async () => {
  const { client, fetch } = clientAnsweredWith(busyFor('3600'));
  await expect(client.getQueueStatistics()).rejects.toMatchObject({ code: 'unavailable', retryAfter: 3600 });
  expect(fetch).toHaveBeenCalledTimes(1);
});

test('a signal aborts a call that is waiting to be retried', async () => {
  const { client, fetch } = clientAnsweredWith(busyFor('60'));
  const reason = new Error('no longer needed');
  const ended = new AbortController();
  const asked = client.getQueueStatistics({}, { signal: ended.signal, onRetry: () => ended.abort(reason) });
  await expect(asked).rejects.toBe(reason);
  expect(fetch).toHaveBeenCalledTimes(1);
});
