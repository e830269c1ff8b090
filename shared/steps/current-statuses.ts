import { dependencyStatus, type DependencyStatuses } from '../domain/dependencies.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';

/** How the dependencies of a task stand now, by ordinal, read consistently. */
export async function currentStatuses({ tasks }: Pick<Ports, 'tasks'>, task: TaskRecord): Promise<DependencyStatuses> {
  if (task.need === 0) return [];
  const ids = (await tasks.payloads([task])).get(task.id)?.dependencies ?? [];
  const found = await tasks.statuses(ids);
  return ids.map((id, ordinal) => dependencyStatus(task, ordinal, found.get(id)));
}
