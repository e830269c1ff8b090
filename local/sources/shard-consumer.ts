import { setTimeout as delay } from 'node:timers/promises';
import type { Matches } from '../bus/pattern.ts';
import type { MovableClock } from '../run/clock.ts';
import type { Outcome } from '../host/instance.ts';
import { readBatchAnswer } from './batch-outcome.ts';
import type { Position, Positions } from './positions.ts';
import { toStreamRecord } from './stream-event.ts';
import type { StreamRecord, WireRecord } from './stream-event.ts';

const firstBackoffMs = 100;
const maxBackoffMs = 10_000;

export interface ShardConsumerSettings {
  shardId: string;
  /** The stream's ARN in the template. */
  eventSourceArn: string;
  matches: Matches;
  batchSize: number;
  bisects: boolean;
  reportsItems: boolean;
  /** Infinity: retried until it succeeds. */
  maximumRetries: number;
  /** 0: no windows. */
  windowMs: number;
  clock: MovableClock;
  positions: Positions;
  invoke: (event: unknown) => Promise<Outcome>;
  /** Called with a batch that has used up its retries. */
  giveUp: (records: StreamRecord[], shardId: string, attempts: number) => Promise<void>;
  signal: AbortSignal;
}

interface Batch {
  records: StreamRecord[];
  attempts: number;
}

/**
 * Delivers the records of one shard to a function, in order: filtered, in batches, in tumbling windows. A failed batch
 * is retried, halved if the mapping says so, and given up after the mapping's retries; nothing overtakes it.
 */
export class ShardConsumer {
  readonly #settings: ShardConsumerSettings;
  readonly #name: string;
  #state: Position;

  constructor(mappingId: string, settings: ShardConsumerSettings) {
    this.#settings = settings;
    this.#name = `${mappingId}/${settings.shardId}`;
    this.#state = settings.positions.get(this.#name);
  }

  /** Sequence number of the last record that was handled or given up. */
  get position(): string | undefined {
    return this.#state.after;
  }

  untilWindowEnds(): number {
    const { window } = this.#state;
    return window === undefined ? Infinity : window.end - this.#settings.clock.now();
  }

  /** Returns when each record was handled or given up, or the signal was aborted. */
  async handle(page: WireRecord[]): Promise<void> {
    const { batchSize, clock, eventSourceArn, matches, signal } = this.#settings;
    const offset = clock.fromReal(0);
    const records = page.map((record) => toStreamRecord(record, eventSourceArn, offset));
    for (const [window, ofWindow] of this.#byWindow(records.filter(matches))) {
      await this.#openWindow(window);
      for (let at = 0; at < ofWindow.length; at += batchSize) {
        await this.#deliver(ofWindow.slice(at, at + batchSize));
      }
    }
    if (!signal.aborted) this.#commit(sequenceOf(records.at(-1)));
  }

  /** Makes the final invocation of a window that has ended. */
  async endElapsedWindow(): Promise<void> {
    if (this.untilWindowEnds() <= 0) await this.#endWindow();
  }

  async #deliver(records: StreamRecord[]): Promise<void> {
    const { bisects, giveUp, maximumRetries, shardId, signal } = this.#settings;
    const waiting: Batch[] = [{ records, attempts: 0 }];
    for (let batch = waiting.shift(); batch && !signal.aborted; batch = waiting.shift()) {
      const rest = await this.#invoke(batch.records);
      if (rest.length === 0) continue;
      // As on AWS, halving does not use up a retry.
      const halves = bisects && rest.length > 1;
      const attempts = halves ? batch.attempts : batch.attempts + 1;
      if (attempts > maximumRetries) {
        await giveUp(rest, shardId, attempts);
        this.#commit(sequenceOf(rest.at(-1)));
        continue;
      }
      await this.#backOff(attempts);
      const middle = halves ? Math.ceil(rest.length / 2) : rest.length;
      const parts = [rest.slice(0, middle), rest.slice(middle)].filter((part) => part.length > 0);
      waiting.unshift(...parts.map((part) => ({ records: part, attempts })));
    }
  }

  /**
   * Invokes the function once and commits what it handled.
   * @returns the records from the first that failed
   */
  async #invoke(records: StreamRecord[]): Promise<StreamRecord[]> {
    const { invoke, reportsItems } = this.#settings;
    const outcome = await invoke({ Records: records, ...this.#windowFields(false) });
    const { failed, state } = readBatchAnswer(outcome, records.map(sequenceOf), reportsItems);
    if (failed === 'all') return records;
    const firstFailed = records.findIndex((record) => failed.has(sequenceOf(record)));
    const done = firstFailed < 0 ? records : records.slice(0, firstFailed);
    if (this.#state.window) this.#state.window.state = state ?? {};
    if (done.length > 0) this.#commit(sequenceOf(done.at(-1)));
    return records.slice(done.length);
  }

  async #endWindow(): Promise<void> {
    const { invoke, maximumRetries, signal } = this.#settings;
    for (let attempts = 1; !signal.aborted; attempts += 1) {
      const outcome = await invoke({ Records: [], ...this.#windowFields(true) });
      if ('result' in outcome || attempts > maximumRetries) break;
      await this.#backOff(attempts);
    }
    if (signal.aborted) return;
    const { after } = this.#state;
    this.#save(after === undefined ? {} : { after });
  }

  async #openWindow(start: number): Promise<void> {
    const { windowMs } = this.#settings;
    const open = this.#state.window;
    if (windowMs === 0 || (open && open.start >= start)) return;
    if (open) await this.#endWindow();
    this.#save({ ...this.#state, window: { start, end: start + windowMs, state: {} } });
  }

  /** Records in the order of the shard, grouped by the start of their window. */
  #byWindow(records: StreamRecord[]): Map<number, StreamRecord[]> {
    const { windowMs } = this.#settings;
    return Map.groupBy(records, ({ dynamodb }) => {
      const created = dynamodb.ApproximateCreationDateTime * 1000;
      return windowMs === 0 ? 0 : Math.floor(created / windowMs) * windowMs;
    });
  }

  #windowFields(isFinal: boolean): object {
    const { window } = this.#state;
    if (!window) return {};
    const { eventSourceArn, shardId } = this.#settings;
    const time = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
    return {
      window: { start: time(window.start), end: time(window.end) },
      state: window.state,
      shardId,
      eventSourceARN: eventSourceArn,
      isFinalInvokeForWindow: isFinal,
      isWindowTerminatedEarly: false,
    };
  }

  #commit(after: string): void {
    if (after !== this.#state.after) this.#save({ ...this.#state, after });
  }

  #save(state: Position): void {
    this.#state = state;
    this.#settings.positions.set(this.#name, state);
  }

  async #backOff(attempts: number): Promise<void> {
    const wait = Math.min(maxBackoffMs, firstBackoffMs * 2 ** attempts);
    await delay(wait, undefined, { signal: this.#settings.signal }).catch(() => undefined);
  }
}

const sequenceOf = (record: StreamRecord | undefined): string => record?.dynamodb.SequenceNumber ?? '';
