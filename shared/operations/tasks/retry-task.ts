import * as contract from '../../contract/tasks.ts';
import { announceReady } from '../../steps/announce-ready.ts';
import { retryOne } from '../../steps/change-one-task.ts';
import { presentTask } from '../../wire/present-task.ts';
import { implement } from '../implement.ts';

export const retryTask = implement(contract.retryTask, async (ports, { task_id: id }) => {
  const { task, payload } = await retryOne(ports, id);
  await announceReady(ports, [task]);
  return presentTask(ports, task, payload);
});
