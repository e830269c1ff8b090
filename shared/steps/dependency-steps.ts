import { nextStep } from '../domain/dependencies.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';

/**
 * Takes the steps that a task's dependencies call for, until there are none. Idempotent; it follows every change of the
 * dependency sets, even a repeated one, because the process that made the change may have died.
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
