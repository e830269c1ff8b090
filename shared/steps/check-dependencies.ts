import { checkAgain, sortDependencies } from '../domain/dependencies.ts';
import { isDependent, type DependentTask, type Payload, type TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { currentStatuses } from './current-statuses.ts';
import { takeDependencySteps } from './dependency-steps.ts';

type CheckPorts = Pick<Ports, 'tasks' | 'graphs' | 'clock' | 'settings'>;

/** Repairs what a lost event left undone, by comparing the task with the current state of its dependencies. */
export async function checkDependencies(ports: CheckPorts, task: DependentTask): Promise<TaskRecord> {
  const found = sortDependencies(await currentStatuses(ports, task), task);
  const { applied, task: checked = task } = await ports.tasks.apply(
    task.id,
    checkAgain(task, found, ports.clock.now()),
  );
  const isNewFailure = found.failed.some((ordinal) => !task.failed.includes(ordinal));
  return applied && isNewFailure ? confirmFailures(ports, checked) : takeDependencySteps(ports, checked);
}

/**
 * Takes the steps that a task's dependencies call for, after failures were recorded that were read before. The process
 * may have been late: a failed dependency that has been retried since fails the task no longer. A retry of the task
 * removes what was recorded before it; what is recorded after it is recorded before this read.
 * @param payload lists the dependencies; read if not given
 */
export async function confirmFailures(ports: CheckPorts, task: TaskRecord, payload?: Payload): Promise<TaskRecord> {
  if (!isDependent(task) || task.failed.length === 0) return takeDependencySteps(ports, task);
  const found = sortDependencies(await currentStatuses(ports, task, payload), task);
  const failed = task.failed.filter((ordinal) => found.failed.includes(ordinal));
  if (failed.length === task.failed.length) return takeDependencySteps(ports, task);
  const corrected = checkAgain(task, { met: [], failed }, ports.clock.now());
  const { task: after = task } = await ports.tasks.apply(task.id, corrected);
  return takeDependencySteps(ports, after);
}
