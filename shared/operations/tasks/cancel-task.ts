import * as contract from '../../contract/tasks.ts';
import { Refusal } from '../../contract/problem.ts';
import { isEnded } from '../../domain/task.ts';
import { implement } from '../implement.ts';
import { presentTask } from '../../wire/present-task.ts';
import { untilDecided } from '../../steps/task-report.ts';
import { byItself, cancelAsRead } from '../../steps/cancel-or-retry.ts';

export const cancelTask = implement(contract.cancelTask, async (ports, { task_id: id, reason }) => {
  const task = await untilDecided(ports, id, async (read) => {
    if (!read) throw new Refusal('task_not_found', `Task ${id} not found.`);
    if (read.status === 'cancelled') return read;
    if (isEnded(read)) throw new Refusal('already_ended', `Task ${id} has already ended (${read.status}).`);
    const cancelled = await cancelAsRead(ports, read, reason, await byItself(ports, read));
    return cancelled.applied ? cancelled.task : undefined;
  });
  return presentTask(ports, task);
});
