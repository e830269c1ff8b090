import * as contract from '../../contract/work.ts';
import { fail, isLastFailure } from '../../domain/holding.ts';
import { isHeld, type Report, type TaskRecord } from '../../domain/task.ts';
import { implement } from '../implement.ts';
import { presentSummary } from '../../wire/present-task.ts';
import { claimantOf, heldTask, storeReport, untilDecided, type Claimant } from '../../steps/task-report.ts';
import { freeSlot } from '../../steps/free-slot.ts';

export const failTask = implement(contract.failTask, async (ports, input, caller) => {
  const { tasks, clock, random, settings } = ports;
  const { task_id: id, error, metrics, should_retry: shouldRetry } = input;
  const claimant = claimantOf(caller, input);
  const task = await untilDecided(ports, id, async (read) => {
    if (read && hasFailedSo(read, claimant)) return read;
    const held = heldTask(read, id, claimant, ['assigned', 'running']);
    const report = isLastFailure(held, shouldRetry)
      ? await storeReport(ports, id, { error, ...(metrics && { metrics }) } satisfies Report)
      : {};
    const failure = { cause: 'failed' as const, reason: error, shouldRetry, report, fraction: random.fraction() };
    const failed = await tasks.apply(id, fail(held, failure, clock.now(), settings));
    if (!failed.applied) return undefined;
    await freeSlot(ports, failed.task, held, clock.now());
    return failed.task;
  });
  return presentSummary(ports, task);
});

/**
 * A repeat of the same failure, whose response was lost. Only a report that names the attempt can be recognized as a
 * repeat.
 */
const hasFailedSo = (task: TaskRecord, { agentId, attempt }: Claimant) =>
  attempt === task.attempt &&
  !isHeld(task) &&
  task.log.some(
    (entry) =>
      entry.attempt === attempt && entry.cause === 'failed' && (agentId === undefined || entry.agentId === agentId),
  );
