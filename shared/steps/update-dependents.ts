import { countsAs, hasCounted, releaseLast } from '../domain/dependencies.ts';
import type { Edge } from '../domain/edge.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { takeDependencySteps } from './dependency-steps.ts';

/** A completion updates at most this many dependents; more are left to the release. */
const mostInline = 10;

export type Parent = Pick<TaskRecord, 'id' | 'status'>;

export interface Dependent {
  edge: Edge;
  /** As it was a moment ago, where it was read. */
  child: TaskRecord | undefined;
}

type TaskPorts = Pick<Ports, 'tasks' | 'clock' | 'settings'>;

/** The first dependents of a task, and whether there are no others: at most one read unit. */
export async function fewDependents({ tasks }: Pick<Ports, 'tasks'>, id: string, options?: { consistent?: boolean }) {
  const { items, cursor } = await tasks.edges(id, undefined, { limit: mostInline + 1, ...options });
  return { edges: items.slice(0, mostInline), areAll: cursor === undefined && items.length <= mostInline };
}

/**
 * The dependents that a completion updates itself; none if they are many, or cannot be read. It may be called while the completion is being
 * written: what this misses is found by the stream consumer, which reads consistently after it.
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
 * Updates dependents of a task that has just been completed. Errors are left to the stream consumer, which checks whether they are up to
 * date: the completion is committed either way.
 * @returns those that have changed, as they are now
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
 * Edges with their children, which are read eventually consistent.
 * @param which all of them; or those alone that have other dependencies, since the only one needs no look
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
 * Records in one dependent how its dependency stands. If that was the last one to be met, it becomes pending.
 * @returns the dependent after it, if it has changed
 */
export async function updateDependent(
  ports: TaskPorts,
  parent: Parent,
  { edge, child }: Dependent,
): Promise<TaskRecord | undefined> {
  const { tasks, clock, settings } = ports;
  const how = countsAs(parent.status, edge.policy);
  if (how === 'met' && hasCounted(edge, child, clock.now(), settings)) return undefined;
  if (how === 'met' && isLast({ edge, child })) {
    const { applied, task } = await tasks.apply(edge.childId, releaseLast(edge, clock.now(), settings));
    if (applied) return task;
  }
  const state = how === 'met' ? 'met' : how === 'failed' ? 'failed' : 'unfailed';
  const informed = await tasks.recordDependency(edge, state, clock.now());
  return informed && takeDependencySteps(ports, informed);
}

/** Whether this dependency seems to be the last one: then one write does it. What the write finds decides. */
export function isLast({ edge, child }: Dependent): boolean {
  if (edge.need === 1) return true;
  return child !== undefined && child.done.length === edge.need - 1 && !child.done.includes(edge.ordinal);
}
