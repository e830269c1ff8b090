import type { Status } from '../contract/nouns.ts';
import { Refusal } from '../contract/problem.ts';
import { listOf } from '../domain/wording.ts';
import type { Ports } from '../ports.ts';

/** How a request refers to its dependencies. */
export interface Locator {
  /** Its pointer in the request. */
  pointerTo: (id: string) => string;
  /** The error message if it does not exist. */
  errorFor?: (id: string) => string;
}

/**
 * Refuses unknown dependencies before the request writes anything. Reads eventually consistently, at half the price,
 * and rereads whatever is missing, since it may be brand-new.
 * @returns the completed ones. They stay completed; all others may change until their edges are written
 * @throws Refusal unknown_dependency
 */
export async function requireDependencies(
  { tasks }: Pick<Ports, 'tasks'>,
  ids: readonly string[],
  locator: Locator,
): Promise<Map<string, Status>> {
  if (ids.length === 0) return new Map();
  const found = new Map((await tasks.getMany([...new Set(ids)])).map((task) => [task.id, task.status]));
  const missed = ids.filter((id) => !found.has(id));
  const all = new Map([...found, ...(await dependencyStatuses({ tasks }, missed, locator))]);
  return new Map([...all].filter(([, status]) => status === 'completed'));
}

/**
 * The current states of dependencies, read consistently.
 * @param known those that need no read
 * @throws Refusal unknown_dependency
 */
export async function dependencyStatuses(
  { tasks }: Pick<Ports, 'tasks'>,
  ids: readonly string[],
  locator: Locator,
  known: ReadonlyMap<string, Status> = new Map(),
): Promise<Map<string, Status>> {
  const open = [...new Set(ids)].filter((id) => !known.has(id));
  const found = open.length === 0 ? [] : await tasks.getMany(open, { consistent: true });
  const states = new Map([...known, ...found.map((task) => [task.id, task.status] as const)]);
  const unknown = open.filter((id) => !states.has(id));
  if (unknown.length > 0) {
    const { pointerTo, errorFor } = locator;
    const errors = unknown.map((id) => ({
      pointer: pointerTo(id),
      message: errorFor?.(id) ?? `task ${id} does not exist`,
    }));
    const messages = errorFor ? errors.map(({ message }) => message) : unknown;
    throw new Refusal('unknown_dependency', `Dependency not found: ${listOf(messages)}.`, { errors });
  }
  return states;
}
