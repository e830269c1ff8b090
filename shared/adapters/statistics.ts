import { lastMinutes, minuteAt, minutesShown, type Minute } from '../domain/minutes.ts';
import { openTasksBy, type QueueCounters } from '../domain/statistics.ts';
import type { Clock, Statistics } from '../ports.ts';
import { countedAt, dropExpired } from './checkpoints.ts';
import { statisticsKey } from './item-keys.ts';
import { openMinuteIn, toCounts } from './item-readers.ts';
import { closedMinutes } from './minutes.ts';
import type { Table } from './table.ts';
import type { Item } from './task-item.ts';

/**
 * How long a count of open tasks is reused: longer below half the limit, since the other half cannot fill up that fast.
 */
const [nearMs, farMs] = [1000, 30_000];

interface OpenTasks {
  count: Promise<number | undefined>;
  /** Reused until then. */
  until: number;
}

/** The port Statistics: one item with the counters (kept by counting.ts), and one for each of the last minutes. */
export class DynamoDbStatistics implements Statistics {
  readonly #table: Table;
  readonly #clock: Clock;
  #open: OpenTasks | undefined;

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  async queue(): Promise<QueueCounters> {
    return toCounts(await this.#read());
  }

  async lastHour(): Promise<{ counts: QueueCounters; minutes: Minute[] }> {
    // The open minute is read first: if it is closed in the meantime, it is found among the closed ones.
    const item = await this.#read();
    const open = openMinuteIn(item);
    const last = Math.max(minuteAt(this.#clock.now()), open?.number ?? 0);
    const closed = await closedMinutes(this.#table, last - minutesShown + 1);
    return { counts: toCounts(item), minutes: lastMinutes(last, [...closed, ...(open ? [open] : [])]) };
  }

  openTasks(near: number): Promise<number | undefined> {
    const now = this.#clock.now();
    if (this.#open && now < this.#open.until) return this.#open.count;
    const open: OpenTasks = { until: now + nearMs, count: this.#countOpen(now) };
    this.#open = open;
    open.count.then(
      (count) => {
        if (count !== undefined && count < near / 2) open.until = now + farMs;
      },
      () => {
        open.until = now;
      },
    );
    return open.count;
  }

  async #countOpen(now: number): Promise<number | undefined> {
    const item = await this.#read();
    return openTasksBy(toCounts(item), countedAt(item), now);
  }

  async prune(now: number): Promise<void> {
    await dropExpired(this.#table, statisticsKey, await this.#read(), now);
  }

  /** Eventually consistent: nothing depends on the latest change. */
  async #read(): Promise<Item> {
    return (await this.#table.get(statisticsKey, false)) ?? {};
  }
}
