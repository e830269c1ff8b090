import { countsAs, hasCounted, nextStep, releaseLast } from '../domain/dependencies.ts';
import type { Edge } from '../domain/edge.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { takeDependencySteps } from './dependency-steps.ts';

/** A completion updates at most this many dependents; the rest are left to the release. */
const maxInline = 10;

export type Parent = Pick<TaskRecord, 'id' | 'status'>;

export interface Dependent {
  edge: Edge;
  /** The child as read a moment ago, if it was read. */
  child: TaskRecord | undefined;
}

type TaskPorts = Pick<Ports, 'tasks' | 'clock' | 'settings'>;

/** The first dependents of a task, and whether there are no others; at most one read unit. */
export async function fewDependents({ tasks }: Pick<Ports, 'tasks'>, id: string, options?: { consistent?: boolean }) {
  const { items, cursor } = await tasks.edges(id, undefined, { limit: maxInline + 1, ...options });
  return { edges: items.slice(0, maxInline), areAll: cursor === undefined && items.length <= maxInline };
}

/**
 * The dependents that a completion updates itself; none if they are many, or cannot be read. Can run while the
 * completion is being written: the stream consumer reads consistently afterward and finds what this misses.
 * @param which see `withChildren`
 */
export async function dependentsToUpdate(
  ports: TaskPorts,
  id: string,
  which: 'all' | 'where_it_helps' = 'where_it_helps',
): Promise<Dependent[]> {
  try {
    const { edges, areAll } = await fewDependents(ports, id, { consistent: false });
    return areAll ? await withChildren(ports, edges, which) : [];
  } catch {
    return [];
  }
}

/**
 * Updates dependents of a task that has just completed. Errors are left to the stream consumer, which checks whether
 * the dependents are up to date; the completion is committed either way.
 * @returns the dependents that changed
 */
export async function updateDependents(
  ports: TaskPorts,
  id: string,
  dependents: readonly Dependent[],
): Promise<TaskRecord[]> {
  const parent = { id, status: 'completed' } as const;
  const updated = await Promise.allSettled(dependents.map((dependent) => updateDependent(ports, parent, dependent)));
  return updated.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []));
}

/**
 * Edges with their children, read eventually consistently.
 * @param which all of them, or only those with other dependencies; a child whose only dependency this is needs no read
 */
export async function withChildren(
  { tasks }: Pick<Ports, 'tasks'>,
  edges: readonly Edge[],
  which: 'all' | 'where_it_helps',
): Promise<Dependent[]> {
  const read = edges.filter(({ need }) => which === 'all' || need > 1).map(({ childId }) => childId);
  const children = new Map((await tasks.getMany(read)).map((child) => [child.id, child]));
  return edges.map((edge) => ({ edge, child: children.get(edge.childId) }));
}

/**
 * Records the dependency state in one dependent. If it was the last dependency to be met, the dependent becomes
 * pending.
 * @returns the dependent afterwards, if it changed
 */
export async function updateDependent(
  ports: TaskPorts,
  parent: Parent,
  { edge, child }: Dependent,
): Promise<TaskRecord | undefined> {
  const { tasks, clock, settings } = ports;
  const effect = countsAs(parent.status, edge.policy);
  if (effect === 'met' && hasCounted(edge, child, clock.now(), settings)) return undefined;
  if (effect === 'met' && parent.status !== 'completed') {
    // A failure that is tolerated: it may have been retried since it was read, even before the dependent was created.
    const current = await tasks.get(parent.id);
    if (current && countsAs(current.status, edge.policy) !== 'met')
      return updateDependent(ports, current, { edge, child });
  }
  if (effect === 'met' && isLast({ edge, child })) {
    const { applied, task } = await tasks.apply(edge.childId, releaseLast(edge, clock.now(), settings));
    if (applied) return task;
  }
  const state = effect === 'met' ? 'met' : effect === 'failed' ? 'failed' : 'unfailed';
  const updated = await tasks.recordDependency(edge, state, clock.now());
  if (!updated) return undefined;
  if (state === 'failed' && nextStep(updated, clock.now(), settings)) {
    // This process may be late: the dependency was retried, and then the dependent. A retry of the dependent removes
    // what was recorded before it; what is recorded after it is recorded before this read.
    const current = await tasks.get(parent.id);
    if (current && countsAs(current.status, edge.policy) !== 'failed')
      return updateDependent(ports, current, { edge, child: undefined });
  }
  return takeDependencySteps(ports, updated);
}

/** Whether this seems to be the last open dependency, so that a single write suffices. The write itself verifies it. */
export function isLast({ edge, child }: Dependent): boolean {
  if (edge.need === 1) return true;
  return child !== undefined && child.done.length === edge.need - 1 && !child.done.includes(edge.ordinal);
}
