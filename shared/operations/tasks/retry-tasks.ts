import * as contract from '../../contract/tasks.ts';
import { isRetryable } from '../../domain/graph-decision.ts';
import { isTooOld } from '../../domain/lifecycle.ts';
import { changeMatching } from '../../steps/change-matching-tasks.ts';
import { retryOne } from '../../steps/change-one-task.ts';
import { implement } from '../implement.ts';

export const retryTasks = implement(contract.retryTasks, (ports, request) =>
  changeMatching(ports, request, {
    statuses: ['failed', 'cancelled'],
    refusalOf: (task) => (!isRetryable(task) || isTooOld(task, ports.clock.now()) ? 'not_retryable' : undefined),
    change: (id) => retryOne(ports, id),
  }),
);
