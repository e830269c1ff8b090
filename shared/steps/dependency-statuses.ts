import type { Status } from '../contract/nouns.ts';
import { Refusal } from '../contract/problem.ts';
import type { Ports } from '../ports.ts';

/**
 * The states of dependencies now, read consistently.
 * @param pointerTo where in the request a dependency is named
 * @throws Refusal unknown_dependency
 */
export async function dependencyStatuses(
  { tasks }: Pick<Ports, 'tasks'>,
  ids: readonly string[],
  pointerTo: (id: string) => string,
): Promise<Map<string, Status>> {
  if (ids.length === 0) return new Map();
  const found = await tasks.getMany([...new Set(ids)], { consistent: true });
  const states = new Map(found.map((task) => [task.id, task.status]));
  const unknown = [...new Set(ids)].filter((id) => !states.has(id));
  if (unknown.length > 0) {
    const errors = unknown.map((id) => ({ pointer: pointerTo(id), message: `task ${id} does not exist` }));
    throw new Refusal('unknown_dependency', `Dependency not found: ${unknown.join(', ')}.`, { errors });
  }
  return states;
}
