import type { Status } from '../contract/nouns.ts';
import { dependencyStatus, type DependencyStatuses } from '../domain/dependencies.ts';
import type { Payload, TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';

/**
 * How the dependencies of a task stand now, by ordinal, read consistently.
 * @param payload where the caller has it already: it names them
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

/** Dependencies that are not there have been deleted, or are of the same graph and not written yet: a graph is not written in order. */
async function statusesOfMissing(
  { tasks, graphs }: Pick<Ports, 'tasks' | 'graphs'>,
  { graphId }: TaskRecord,
  ids: readonly string[],
): Promise<Map<string, Status>> {
  const graph = graphId === undefined ? undefined : await graphs.head(graphId);
  if (!graph) return new Map();
  return graph.isWritten ? tasks.statuses(ids) : new Map(ids.map((id) => [id, 'waiting']));
}
