import * as contract from '../../contract/tasks.ts';
import { Refusal } from '../../contract/problem.ts';
import { implement } from '../implement.ts';
import { presentTask } from '../../wire/present-task.ts';

export const getTask = implement(contract.getTask, async (ports, { task_id: id }) => {
  const task = await ports.tasks.get(id);
  if (!task) throw new Refusal('task_not_found', `Task ${id} not found.`);
  return presentTask(ports, task);
});
