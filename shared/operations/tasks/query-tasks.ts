import * as contract from '../../contract/tasks.ts';
import { listTasks } from '../../steps/list-tasks.ts';
import { presentSummaries } from '../../wire/present-task.ts';
import { implement } from '../implement.ts';

export const queryTasks = implement(contract.queryTasks, async (ports, filter) => {
  const { found, ...next } = await listTasks(ports, contract.queryTasks.name, filter);
  return { tasks: await presentSummaries(ports, found), ...next };
});
