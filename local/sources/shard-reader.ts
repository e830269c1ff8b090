import { setTimeout as delay } from 'node:timers/promises';
import type { MovableClock } from '../run/clock.ts';
import { WakeSignal } from './wake-signal.ts';
import type { ShardConsumer } from './shard-consumer.ts';
import type { WireRecord } from './stream-event.ts';

/** The limits of a GetRecords page. */
const pageSize = 1_000;
const pageBytes = 1024 * 1024;
const idleMs = 1_000;
/**
 * While changes arrive, it reads as often as Lambda's pollers do (4 times a second), so that they are batched: what
 * each batch costs, above all its function's reads and writes, is a good part of a task's cost. The first change after
 * a pause is read at once.
 */
const readIntervalMs = 250;
const readRetryMs = 250;
const trimEvery = 1_000;

export interface ShardReaderSettings {
  /** Calls DynamoDB Streams. */
  call: <Answer>(action: string, request: object) => Promise<Answer>;
  streamArn: string;
  shardId: string;
  consumer: ShardConsumer;
  /** The number of writes to the table so far. */
  writes: () => number;
  clock: MovableClock;
  batchSize: number;
  /** How long after a write others can join its batch. */
  batchingMs: number;
  /** Deletes the records up to this sequence number, which all consumers have handled. */
  trim: (sequenceNumber: string) => void;
  signal: AbortSignal;
  warn: (message: string) => void;
}

interface Page {
  Records?: WireRecord[];
  /** Null or absent at the end of the shard. */
  NextShardIterator?: string | null;
}

/**
 * Reads one shard from where it last stopped: after a write, once the batching window has ended and some time has
 * passed since the last read; otherwise once a second.
 */
export class ShardReader {
  readonly #settings: ShardReaderSettings;
  readonly #wakeSignal = new WakeSignal();
  #iterator: string | undefined;
  /** The engine has deleted what follows the position, as AWS does after 24 hours. */
  #isTrimmed = false;
  #covered = -1;
  #isBehind = true;
  #isBatching = false;
  /** Time of the last read, by real time. */
  #readAt = -Infinity;
  #untrimmed = 0;

  constructor(settings: ShardReaderSettings) {
    this.#settings = settings;
  }

  /** Whether it has read and handled everything written so far, except what is waiting for the batching window. */
  get drained(): boolean {
    return this.#isBatching || this.#covered === this.#settings.writes();
  }

  wake(): void {
    this.#wakeSignal.wake();
  }

  /**
   * Ends the batching window early.
   * @returns whether there was one
   */
  flush(): boolean {
    const wasBatching = this.#isBatching;
    this.#isBatching = false;
    if (wasBatching) this.#wakeSignal.wake();
    return wasBatching;
  }

  /** Returns when the shard is closed and read to its end, or the signal is aborted. */
  async run(): Promise<void> {
    const { signal, warn, shardId } = this.#settings;
    while (!signal.aborted) {
      try {
        if (await this.#readPage()) return;
      } catch (error) {
        // The next iterator starts from the position again, or from the oldest record if that is gone.
        this.#iterator = undefined;
        const { name } = error as Error;
        if (name === 'ExpiredIteratorException') continue;
        const wasTrimmed = this.#isTrimmed;
        this.#isTrimmed = name === 'TrimmedDataAccessException';
        if (this.#isTrimmed && !wasTrimmed) continue;
        warn(`Reading ${shardId} failed, retrying: ${String(error)}`);
        await delay(readRetryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /**
   * Handles the next page, or waits for one.
   * @returns true at the end of the shard
   */
  async #readPage(): Promise<boolean> {
    const { call, consumer, signal, writes } = this.#settings;
    if (!this.#isBehind && writes() > this.#covered) await this.#waitForBatch();
    const known = writes();
    this.#readAt = performance.now();
    const request = { ShardIterator: await this.#position(), Limit: pageSize };
    const { Records = [], NextShardIterator } = await call<Page>('GetRecords', request);
    const next = NextShardIterator ?? undefined;
    if (Records.length > 0) await consumer.handle(Records);
    else await consumer.endElapsedWindow();
    this.#isTrimmed = false;
    this.#trim(Records);
    this.#iterator = next;
    if (next === undefined) return true;
    this.#isBehind = mayHaveMore(Records);
    if (this.#isBehind) return false;
    this.#covered = known;
    await this.#wakeSignal.wait(Math.min(idleMs, consumer.untilWindowEnds()), signal);
    return false;
  }

  /** Waits until the batching window has ended and the next read is due, or a batch is full. */
  async #waitForBatch(): Promise<void> {
    const { batchSize, batchingMs, clock, signal, writes } = this.#settings;
    const end = clock.now() + batchingMs;
    const due = this.#readAt + readIntervalMs;
    this.#isBatching = true;
    while (this.#isBatching && !signal.aborted) {
      const left = Math.max(end - clock.now(), due - performance.now());
      this.#isBatching = left > 0 && writes() - this.#covered < batchSize;
      if (this.#isBatching) await this.#wakeSignal.wait(left, signal);
    }
    this.#isBatching = false;
  }

  async #position(): Promise<string> {
    const { call, streamArn, shardId, consumer } = this.#settings;
    if (this.#iterator !== undefined) return this.#iterator;
    const after = consumer.position;
    const from =
      after === undefined || this.#isTrimmed
        ? { ShardIteratorType: 'TRIM_HORIZON' as const }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, SequenceNumber: after };
    const request = { StreamArn: streamArn, ShardId: shardId, ...from };
    const { ShardIterator = '' } = await call<{ ShardIterator?: string }>('GetShardIterator', request);
    return ShardIterator;
  }

  /** Occasionally rather than after each page, because it takes the engine's write lock. */
  #trim(records: WireRecord[]): void {
    const { consumer, trim } = this.#settings;
    this.#untrimmed += records.length;
    const quiet = records.length === 0 && this.#untrimmed > 0;
    if (!(quiet || this.#untrimmed >= trimEvery) || consumer.position === undefined) return;
    this.#untrimmed = 0;
    trim(consumer.position);
  }
}

/** Whether there may be another page; well below the limits there is none. */
function mayHaveMore(records: readonly WireRecord[]): boolean {
  const bytes = records.reduce((sum, { dynamodb }) => sum + (dynamodb?.SizeBytes ?? 0), 0);
  return records.length > pageSize / 2 || bytes > pageBytes / 4;
}
