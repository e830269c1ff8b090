import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { times, type Settings } from '../domain/settings.ts';
import { isEnded, type Payload, type Report, type TaskRecord } from '../domain/task.ts';
import type { Clock, Tasks } from '../ports.ts';
import { ttlAttribute } from '../schema.ts';
import { getItems, type Documents } from './dynamodb.ts';
import { idOf, payloadKey, reportKey } from './item-keys.ts';
import type { Item } from './task-item.ts';

/**
 * Payloads and reports that are too large to ride along with every change of their task. They are packed: every kilobyte is
 * billed, and as JSON a text of many quotes could outgrow an item.
 */
export function bodiesOn(
  client: Documents,
  table: string,
  clock: Clock,
  settings: Settings,
): Pick<Tasks, 'putPayload' | 'putReport' | 'payloads' | 'reports'> {
  const expiresAt = (from: number) => Math.ceil((from + times.maxAgeMs + settings.retentionMs) / 1000);

  async function put(key: { pk: string; sk: string }, body: unknown, from: number): Promise<void> {
    const Item = { ...key, body: gzipSync(JSON.stringify(body)), [ttlAttribute]: expiresAt(from) };
    await client.send(new PutCommand({ TableName: table, Item }));
  }

  async function stored<T>(keys: { pk: string; sk: string }[]): Promise<Map<string, T>> {
    if (keys.length === 0) return new Map();
    const items = await getItems(client, table, keys, false);
    // A body is never changed, but an eventually consistent read can miss one that has just been written.
    const found = new Set(items.map((item) => item['pk']));
    const late = keys.filter((key) => !found.has(key.pk));
    if (late.length > 0) items.push(...(await getItems(client, table, late, true)));
    return new Map(items.map((item) => [idOf(String(item['pk'])), unpacked(item) as T]));
  }

  return {
    putPayload: (id, bodyHash, payload, createdAt) => put(payloadKey(id, bodyHash), payload, createdAt),

    async putReport(id, report) {
      const ref = createHash('sha256').update(JSON.stringify(report)).digest('base64url').slice(0, 22);
      await put(reportKey(id, ref), report, clock.now());
      return ref;
    },

    async payloads(tasks) {
      const outside = tasks.filter((task) => task.payload === undefined);
      const found = await stored<Payload>(outside.map((task) => payloadKey(task.id, task.bodyHash)));
      for (const task of tasks) if (task.payload) found.set(task.id, task.payload);
      return found;
    },

    async reports(tasks) {
      const outside = tasks.filter((task) => isEnded(task) && task.reportRef !== undefined);
      const found = await stored<Report>(outside.map((task: TaskRecord) => reportKey(task.id, task.reportRef ?? '')));
      for (const task of tasks) if (task.report) found.set(task.id, task.report);
      return found;
    },
  };
}

const unpacked = (item: Item): unknown => JSON.parse(gunzipSync(item['body'] as Uint8Array).toString('utf8'));
