import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MovableClock } from '#local/run/clock.ts';
import { ShardReader, type ShardReaderSettings } from '#local/sources/shard-reader.ts';
import type { WireRecord } from '#local/sources/stream-event.ts';

const batchSize = 100;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A reader of a shard with what was written, and the sizes of the batches it has read. */
async function readerOf() {
  const written: WireRecord[] = [];
  const batches: number[] = [];
  let writes = 0;
  const stopping = new AbortController();
  const call = (action: string) =>
    Promise.resolve(action === 'GetRecords' ? { Records: written.splice(0), NextShardIterator: 'next' } : {});
  const reader = new ShardReader({
    call: call as ShardReaderSettings['call'],
    streamArn: 'stream',
    shardId: 'shard',
    consumer: {
      position: undefined,
      untilWindowEnds: () => Infinity,
      endElapsedWindow: () => Promise.resolve(),
      handle: (page: WireRecord[]) => Promise.resolve(void batches.push(page.length)),
    } as unknown as ShardReaderSettings['consumer'],
    writes: () => writes,
    clock: new MovableClock(),
    batchSize,
    batchingMs: 0,
    trim: () => undefined,
    signal: stopping.signal,
    warn: () => undefined,
  });
  const running = reader.run();
  // The first read, and then a pause.
  await vi.advanceTimersByTimeAsync(900);
  const write = async () => {
    written.push({});
    writes += 1;
    reader.wake();
    await vi.advanceTimersByTimeAsync(0);
  };
  const stop = async () => {
    stopping.abort();
    await running;
  };
  return { reader, batches, write, stop };
}

test('the first change after a pause is read at once, and later ones are batched four times a second', async () => {
  const { batches, write, stop } = await readerOf();
  await write();
  expect(batches).toEqual([1]);
  for (let n = 0; n < 9; n += 1) {
    await vi.advanceTimersByTimeAsync(60);
    await write();
  }
  expect(batches).toEqual([1, 4, 4]);
  await stop();
});

test('changes that fill a batch, or that something waits for, are read at once', async () => {
  const { batches, reader, write, stop } = await readerOf();
  await write();
  for (let n = 0; n < batchSize; n += 1) await write();
  expect(batches).toEqual([1, batchSize]);
  await write();
  expect(reader.drained).toBe(true);
  expect(reader.flush()).toBe(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(batches).toEqual([1, batchSize, 1]);
  expect(reader.flush()).toBe(false);
  await stop();
});
