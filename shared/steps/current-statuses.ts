import type { Status } from '../contract/nouns.ts';
import { dependencyStatus, type DependencyStatuses } from '../domain/dependencies.ts';
import type { Payload, TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';

/**
 * The current statuses of a task's dependencies by ordinal, read consistently.
 * @param payload lists the dependencies; read if not given
 */
export async function currentStatuses(
  ports: Pick<Ports, 'tasks' | 'graphs'>,
  task: TaskRecord,
  payload?: Payload,
): Promise<DependencyStatuses> {
  if (task.need === 0) return [];
  const ids = (payload ?? (await ports.tasks.payloads([task])).get(task.id))?.dependencies ?? [];
  const found = await ports.tasks.statuses(ids);
  const missing = ids.filter((id) => !found.has(id));
  const missed = missing.length === 0 ? found : await statusesOfMissing(ports, task, missing);
  return ids.map((id, ordinal) => dependencyStatus(task, ordinal, found.get(id) ?? missed.get(id)));
}

/**
 * Missing dependencies were deleted, or belong to the same graph and are not written yet: a graph is written in no
 * particular order.
 */
async function statusesOfMissing(
  { tasks, graphs }: Pick<Ports, 'tasks' | 'graphs'>,
  { graphId }: TaskRecord,
  ids: readonly string[],
): Promise<Map<string, Status>> {
  const graph = graphId === undefined ? undefined : await graphs.head(graphId);
  if (!graph) return new Map();
  return graph.isWritten ? tasks.statuses(ids) : new Map(ids.map((id) => [id, 'waiting']));
}
