import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { GraphParts, GraphRecord } from '../ports.ts';
import { graphTasksKey } from './item-keys.ts';
import type { Item } from './task-item.ts';

interface PackedTasks {
  /** Absent where one item holds them all. */
  parts?: GraphParts;
  items: Item[];
}

/**
 * The tasks of a graph as they are stored, beside its head. They repeat much, and every kilobyte is billed, so they are packed.
 * What does not fit one item is cut into parts, named by their content: two requests with the same body pack the same tasks with
 * other times, and a graph made of parts of both could not be read.
 * @param partBytes the most that one item holds
 */
export function packTasks({ id, bodyHash, tasks }: GraphRecord, partBytes: number): PackedTasks {
  const packed = gzipSync(JSON.stringify(tasks));
  if (packed.length <= partBytes) return { items: [{ ...graphTasksKey(id, bodyHash), body: packed }] };
  const name = createHash('sha256').update(packed).digest('base64url').slice(0, 22);
  const count = Math.ceil(packed.length / partBytes);
  const items = Array.from({ length: count }, (_, n) => ({
    ...graphTasksKey(id, name, n),
    body: packed.subarray(n * partBytes, (n + 1) * partBytes),
  }));
  return { parts: { name, count }, items };
}

/**
 * @param parts those that were committed with the graph
 * @param items all of the graph's partition: requests that were not committed may have left tasks of their own
 */
export function unpackTasks(
  { id, bodyHash }: Pick<GraphRecord, 'id' | 'bodyHash'>,
  parts: GraphParts | undefined,
  items: readonly Item[],
): GraphRecord['tasks'] {
  const bodies = new Map(items.map((item) => [item['sk'], item['body'] as Uint8Array]));
  const keys = parts
    ? Array.from({ length: parts.count }, (_, n) => graphTasksKey(id, parts.name, n))
    : [graphTasksKey(id, bodyHash)];
  const packed = keys.map(({ sk }) => bodies.get(sk)).filter((body) => body !== undefined);
  if (packed.length < keys.length) throw new Error(`Graph ${id} has no tasks, or not all of them.`);
  return JSON.parse(gunzipSync(Buffer.concat(packed)).toString('utf8')) as GraphRecord['tasks'];
}
