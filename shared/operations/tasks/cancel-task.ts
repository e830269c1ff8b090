import * as contract from '../../contract/tasks.ts';
import { Refusal } from '../../contract/problem.ts';
import { cancel } from '../../domain/lifecycle.ts';
import { isEnded, isHeld } from '../../domain/task.ts';
import { implement } from '../implement.ts';
import { presentTask } from '../../wire/present-task.ts';
import { untilDecided } from '../../steps/task-report.ts';
import { freeSlot } from '../../steps/free-slot.ts';

export const cancelTask = implement(contract.cancelTask, async (ports, { task_id: id, reason }) => {
  const { tasks, clock } = ports;
  const task = await untilDecided(ports, id, async (read) => {
    if (!read) throw new Refusal('task_not_found', `Task ${id} not found.`);
    if (read.status === 'cancelled') return read;
    if (isEnded(read)) throw new Refusal('already_ended', `Task ${id} has already ended (${read.status}).`);
    const cancelled = await tasks.apply(id, cancel(read, reason, clock.now()));
    if (!cancelled.applied) return undefined;
    if (isHeld(read)) await freeSlot(ports, cancelled.task, read);
    return cancelled.task;
  });
  return presentTask(ports, task);
});
