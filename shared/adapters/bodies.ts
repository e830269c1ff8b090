import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { times, type Settings } from '../domain/settings.ts';
import { isIn, type Payload, type Report, type TaskRecord } from '../domain/task.ts';
import type { Clock } from '../ports.ts';
import { ttlAttribute } from '../schema.ts';
import { idOf, payloadKey, reportKey } from './item-keys.ts';
import { toPayload, toReport } from './item-readers.ts';
import type { ItemKey, Table } from './table.ts';
import type { Item } from './task-item.ts';

/**
 * Payloads and reports that are too large to be stored in their task. They are compressed: every kilobyte is billed,
 * and the JSON of a text with many quotes could exceed the item size limit.
 */
export class TaskBodies {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #settings: Settings;

  constructor(table: Table, clock: Clock, settings: Settings) {
    this.#table = table;
    this.#clock = clock;
    this.#settings = settings;
  }

  putPayload(id: string, bodyHash: string, payload: Payload, createdAt: number): Promise<void> {
    return this.#put(payloadKey(id, bodyHash), payload, createdAt);
  }

  async putReport(id: string, report: Report): Promise<string> {
    const ref = createHash('sha256').update(JSON.stringify(report)).digest('base64url').slice(0, 22);
    await this.#put(reportKey(id, ref), report, this.#clock.now());
    return ref;
  }

  async payloads(tasks: readonly TaskRecord[]): Promise<Map<string, Payload>> {
    const outside = tasks.filter((task) => task.payload === undefined);
    const items = await this.#read(outside.map((task) => payloadKey(task.id, task.bodyHash)));
    const found = new Map(items.map((item) => [taskIdOf(item), toPayload(item)]));
    for (const task of tasks) if (task.payload) found.set(task.id, task.payload);
    return found;
  }

  async reports(tasks: readonly TaskRecord[]): Promise<Map<string, Report>> {
    const reported = tasks.filter((task) => isIn(task, ['completed', 'failed']));
    const items = await this.#read(
      reported.flatMap(({ id, reportRef }) => (reportRef === undefined ? [] : [reportKey(id, reportRef)])),
    );
    const found = new Map(items.map((item) => [taskIdOf(item), toReport(item)]));
    for (const { id, report } of reported) if (report) found.set(id, report);
    return found;
  }

  async #put(key: ItemKey, body: unknown, from: number): Promise<void> {
    const expiresAt = Math.ceil((from + times.maxAgeMs + this.#settings.retentionMs) / 1000);
    await this.#table.put({ Item: { ...key, body: gzipSync(JSON.stringify(body)), [ttlAttribute]: expiresAt } });
  }

  /** Bodies never change, but an eventually consistent read can miss a new one. */
  async #read(keys: readonly ItemKey[]): Promise<Item[]> {
    const items = await this.#table.getMany(keys, false);
    const found = new Set(items.map((item) => item['pk']));
    const late = keys.filter((key) => !found.has(key.pk));
    return [...items, ...(await this.#table.getMany(late, true))];
  }
}

const taskIdOf = (item: Item) => idOf(String(item['pk']));
