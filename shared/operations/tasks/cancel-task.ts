import * as contract from '../../contract/tasks.ts';
import { cancelOne } from '../../steps/change-one-task.ts';
import { presentTask } from '../../wire/present-task.ts';
import { implement } from '../implement.ts';

export const cancelTask = implement(contract.cancelTask, async (ports, { task_id: id, reason }) =>
  presentTask(ports, await cancelOne(ports, id, reason)),
);
