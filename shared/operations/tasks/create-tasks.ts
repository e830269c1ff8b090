import { inBatches } from '../../batches.ts';
import * as contract from '../../contract/tasks.ts';
import { Refusal } from '../../contract/problem.ts';
import { create, type CreatedTask } from './create-task.ts';
import { implement } from '../implement.ts';
import { presentTasks } from '../../wire/present-task.ts';

/** How many tasks are created at the same time. */
const creationsAtOnce = 10;

export const createTasks = implement(contract.createTasks, async (ports, input, caller) => {
  const created = await inBatches(input.tasks, creationsAtOnce, (task): Promise<CreatedTask | Refusal> =>
    create(ports, task, caller).catch(refusalOnly),
  );
  const accepted = created.filter((one): one is CreatedTask => !(one instanceof Refusal));
  const payloads = new Map(accepted.map(({ task, payload }) => [task.id, payload]));
  const tasks = await presentTasks(
    ports,
    accepted.map(({ task }) => task),
    payloads,
  );
  const presented = new Map(tasks.map((task) => [task.task_id, task]));
  const results = created.map((one) => {
    if (one instanceof Refusal) return { error: one.problem() };
    const task = presented.get(one.task.id);
    if (!task) throw new Error(`presentTasks left out task ${one.task.id}.`);
    return { task };
  });
  return { results };
});

function refusalOnly(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}
