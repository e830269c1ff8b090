import { dependencyStatus, type DependencyStatuses } from '../domain/dependencies.ts';
import type { Payload, TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';

/**
 * How the dependencies of a task stand now, by ordinal, read consistently.
 * @param payload where the caller has it already: it names them
 */
export async function currentStatuses(
  { tasks }: Pick<Ports, 'tasks'>,
  task: TaskRecord,
  payload?: Payload,
): Promise<DependencyStatuses> {
  if (task.need === 0) return [];
  const ids = (payload ?? (await tasks.payloads([task])).get(task.id))?.dependencies ?? [];
  const found = await tasks.statuses(ids);
  return ids.map((id, ordinal) => dependencyStatus(task, ordinal, found.get(id)));
}
