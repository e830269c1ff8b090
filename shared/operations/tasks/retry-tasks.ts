import { callsAtOnce, inBatches } from '../../batches.ts';
import * as contract from '../../contract/tasks.ts';
import { Refusal } from '../../contract/problem.ts';
import { isRetryable } from '../../domain/graph-decision.ts';
import { isTooOld } from '../../domain/lifecycle.ts';
import type { Ports } from '../../ports.ts';
import { changeMatching } from '../../steps/change-matching-tasks.ts';
import { retryOne } from '../../steps/change-one-task.ts';
import { implement } from '../implement.ts';

export const retryTasks = implement(contract.retryTasks, async (ports, request) => {
  const cancelledAgain: string[] = [];
  const outcome = await changeMatching(ports, request, {
    operation: contract.retryTasks.name,
    statuses: ['failed', 'cancelled'],
    refusalOf: (task) => (!isRetryable(task) || isTooOld(task, ports.clock.now()) ? 'not_retryable' : undefined),
    change: async (id, statuses) => {
      const { task } = await retryOne(ports, id, statuses);
      if (task.status === 'cancelled') cancelledAgain.push(id);
      return true;
    },
  });
  await retryAgain(ports, cancelledAgain);
  return outcome;
});

/**
 * Tasks of a page are retried in arbitrary order, and a task retried before its dependencies is cancelled again at once
 * if its policy says so. Those are retried as long as that helps any of them.
 */
async function retryAgain(ports: Ports, ids: readonly string[]): Promise<void> {
  let left = ids;
  let before = Infinity;
  while (left.length > 0 && left.length < before) {
    before = left.length;
    const areCancelled = await inBatches(left, callsAtOnce, (id) => isCancelledAgain(ports, id));
    left = left.filter((_, n) => areCancelled[n]);
  }
}

/** Whether retrying the task cancels it again. Another process may have retried it in the meantime. */
async function isCancelledAgain(ports: Ports, id: string): Promise<boolean> {
  try {
    return (await retryOne(ports, id)).task.status === 'cancelled';
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
