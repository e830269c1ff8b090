import * as contract from '../../contract/tasks.ts';
import { openStatuses } from '../../domain/statistics.ts';
import { isEnded } from '../../domain/task.ts';
import { changeMatching } from '../../steps/change-matching-tasks.ts';
import { cancelOne } from '../../steps/change-one-task.ts';
import { implement } from '../implement.ts';

export const cancelTasks = implement(contract.cancelTasks, (ports, { reason, ...request }) =>
  changeMatching(ports, request, {
    operation: contract.cancelTasks.name,
    statuses: [...openStatuses],
    isDone: (task) => task.status === 'cancelled',
    refusalOf: (task) => (isEnded(task) ? 'already_ended' : undefined),
    change: async (id, statuses) => (await cancelOne(ports, id, reason, statuses)).status === 'cancelled',
  }),
);
