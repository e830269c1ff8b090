import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { GraphParts, GraphRecord } from '../ports.ts';
import { graphTasksKey } from './item-keys.ts';
import type { Item } from './task-item.ts';

interface PackedTasks {
  /** Absent if one item holds all tasks. */
  parts?: GraphParts;
  items: Item[];
}

/**
 * The tasks of a graph as stored, apart from its head. They are repetitive and billed by the kilobyte, so they are
 * compressed. If they do not fit into one item, they are split into parts named by a hash of their content: two
 * requests with the same body pack the same tasks with different times, and a mix of their parts would be unreadable.
 * @param partBytes the maximum size of a part
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
 * @param parts the parts committed with the graph
 * @param items everything in the graph's partition, which may include tasks of requests that were never committed
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
