import { inBatches } from '../../batches.ts';
import * as contract from '../../contract/tasks.ts';
import { Refusal } from '../../contract/problem.ts';
import type { TaskRecord } from '../../domain/task.ts';
import { create } from './create-task.ts';
import { implement } from '../implement.ts';
import { presentTasks } from '../../wire/present.ts';

/** How many tasks are created at the same time. */
const creationsAtOnce = 10;

export const createTasks = implement(contract.createTasks, async (ports, input, caller) => {
  const created = await inBatches(input.tasks, creationsAtOnce, (task): Promise<TaskRecord | Refusal> =>
    create(ports, task, caller).catch(refusalOnly),
  );
  const tasks = created.filter((one): one is TaskRecord => !(one instanceof Refusal));
  const presented = new Map((await presentTasks(ports, tasks)).map((task) => [task.task_id, task]));
  const results = created.map((one) => {
    if (one instanceof Refusal) return { error: one.problem() };
    const task = presented.get(one.id);
    if (!task) throw new Error(`presentTasks left out task ${one.id}.`);
    return { task };
  });
  return { results };
});

function refusalOnly(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}
