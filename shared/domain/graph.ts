import type { Status } from '../contract/nouns.ts';
import type { TaskRecord } from './task.ts';

/** A task of a graph by key, with the keys of its dependencies in the same graph. */
export interface Node {
  key: string;
  dependencies: readonly string[];
}

/** The keys in topological order, or the keys of one cycle. */
export function order(nodes: readonly Node[]): { order: string[] } | { cycle: string[] } {
  const open = new Map(nodes.map((node) => [node.key, new Set(node.dependencies)]));
  const dependents = new Map<string, string[]>();
  for (const { key, dependencies } of nodes) {
    for (const parent of new Set(dependencies)) dependents.set(parent, [...(dependents.get(parent) ?? []), key]);
  }
  const sorted: string[] = nodes.filter(({ dependencies }) => dependencies.length === 0).map(({ key }) => key);
  for (const key of sorted) {
    open.delete(key);
    for (const child of dependents.get(key) ?? []) {
      const left = open.get(child);
      left?.delete(key);
      if (left?.size === 0) sorted.push(child);
    }
  }
  return open.size === 0 ? { order: sorted } : { cycle: circleIn(open) };
}

/** Every remaining node depends on a remaining one, so following dependencies must return to a visited node. */
function circleIn(open: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const path: string[] = [];
  let key = [...open.keys()][0] ?? '';
  while (!path.includes(key)) {
    path.push(key);
    key = [...(open.get(key) ?? [])].find((parent) => open.has(parent)) ?? '';
  }
  return path.slice(path.indexOf(key)).reverse();
}

/** The longest dependency chain: the minimum number of steps, however many agents there are. */
export function criticalPath(nodes: readonly Node[], sorted: readonly string[]): string[] {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const longest = new Map<string, string[]>();
  for (const key of sorted) {
    const before = (byKey.get(key)?.dependencies ?? []).map((parent) => longest.get(parent) ?? []);
    const chain = before.reduce((one, other) => (other.length > one.length ? other : one), []);
    longest.set(key, [...chain, key]);
  }
  return [...longest.values()].reduce((one, other) => (other.length > one.length ? other : one), []);
}

/** Number of tasks by status. */
export type GraphTally = Record<Status, number>;

export const emptyTally = (): GraphTally => ({
  waiting: 0,
  pending: 0,
  assigned: 0,
  running: 0,
  completed: 0,
  failed: 0,
  blocked: 0,
  cancelled: 0,
});

/** What task changes add to the counts of their graph. A deleted task stays counted with its last status. */
export function countOfGraph(
  changes: readonly { before: Pick<TaskRecord, 'status'> | undefined; after: Pick<TaskRecord, 'status'> | undefined }[],
): GraphTally {
  const tally = emptyTally();
  for (const { before, after } of changes) {
    if (!after) continue;
    if (before) tally[before.status] -= 1;
    tally[after.status] += 1;
  }
  return tally;
}
