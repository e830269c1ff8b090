import * as contract from '../../contract/tasks.ts';
import { Refusal } from '../../contract/problem.ts';
import { isRetryable } from '../../domain/graph-decision.ts';
import { isTooOld } from '../../domain/lifecycle.ts';
import { times } from '../../domain/settings.ts';
import type { Payload } from '../../domain/task.ts';
import { currentStatuses } from '../../steps/current-statuses.ts';
import { byItself, retryAsRead } from '../../steps/cancel-or-retry.ts';
import { implement } from '../implement.ts';
import { presentTask } from '../../wire/present-task.ts';
import { untilDecided } from '../../steps/task-report.ts';

const days = (ms: number) => ms / (24 * 3600 * 1000);

export const retryTask = implement(contract.retryTask, async (ports, { task_id: id }) => {
  const { tasks, clock } = ports;
  let payload: Payload | undefined;
  const task = await untilDecided(ports, id, async (read) => {
    if (!read) throw new Refusal('task_not_found', `Task ${id} not found.`);
    if (!isRetryable(read)) {
      throw new Refusal('not_retryable', `Task ${id} is ${read.status}, not failed or cancelled.`);
    }
    if (isTooOld(read, clock.now())) {
      throw new Refusal('not_retryable', `Task ${id} is older than ${days(times.maxAgeMs)} days.`, {
        hint: 'Create it again.',
      });
    }
    payload ??= (await tasks.payloads([read])).get(id);
    const states = await currentStatuses(ports, read, payload);
    const retried = await retryAsRead(ports, read, states, await byItself(ports, read));
    return retried.applied ? retried.task : undefined;
  });
  return presentTask(ports, task, payload);
});
