import { nextStep } from '../domain/dependencies.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';

/**
 * Takes the steps that the dependencies of a task call for, until they call for none. Repeating it is harmless, so it
 * follows every change of the dependency sets, also one that changed nothing: the process that made it may have died.
 */
export async function takeDependencySteps(
  { tasks, clock, settings }: Pick<Ports, 'tasks' | 'clock' | 'settings'>,
  task: TaskRecord,
): Promise<TaskRecord> {
  let current = task;
  for (let step = nextStep(current, clock.now(), settings); step; step = nextStep(current, clock.now(), settings)) {
    const { task: after } = await tasks.apply(current.id, step);
    if (!after) return current;
    current = after;
  }
  return current;
}
