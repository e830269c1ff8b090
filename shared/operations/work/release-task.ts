import * as contract from '../../contract/work.ts';
import { requeue } from '../../domain/holding.ts';
import { implement } from '../implement.ts';
import { presentSummary } from '../../wire/present-task.ts';
import { announceReady } from '../../steps/announce-ready.ts';
import { claimantOf, heldTask, untilDecided } from '../../steps/task-report.ts';
import { freeSlot } from '../../steps/free-slot.ts';

export const releaseTask = implement(contract.releaseTask, async (ports, input, caller) => {
  const { tasks, clock, settings } = ports;
  const { task_id: id, reason, exclude, attempt } = input;
  const claimant = claimantOf(caller, input);
  const task = await untilDecided(ports, id, async (read) => {
    // A repeat of the same release, whose response was lost.
    if (
      read?.status === 'pending' &&
      read.log.some((entry) => entry.attempt === attempt && entry.cause === 'released')
    ) {
      return read;
    }
    const held = heldTask(read, id, claimant, ['assigned', 'running']);
    const released = await tasks.apply(
      id,
      requeue(held, { cause: 'released', reason, exclude }, clock.now(), settings),
    );
    if (!released.applied) return undefined;
    await freeSlot(ports, released.task, held, clock.now());
    await announceReady(ports, [released.task]);
    return released.task;
  });
  return presentSummary(ports, task);
});
