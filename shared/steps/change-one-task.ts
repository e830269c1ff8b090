import { Refusal } from '../contract/problem.ts';
import { isRetryable } from '../domain/graph-decision.ts';
import { isTooOld } from '../domain/lifecycle.ts';
import { times } from '../domain/settings.ts';
import { isEnded, type Payload, type TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { withKnownDecision, cancelAsRead, retryAsRead } from './cancel-or-retry.ts';
import { currentStatuses } from './current-statuses.ts';
import { untilDecided } from './task-report.ts';

const days = (ms: number) => ms / (24 * 3600 * 1000);

/**
 * Cancels one task.
 * @returns the task afterwards; a task already cancelled is not changed
 * @throws Refusal task_not_found, already_ended, unavailable
 */
export function cancelOne(ports: Ports, id: string, reason: string | undefined): Promise<TaskRecord> {
  return untilDecided(ports, id, async (read) => {
    if (!read) throw new Refusal('task_not_found', `Task ${id} not found.`);
    if (read.status === 'cancelled') return read;
    if (isEnded(read)) throw new Refusal('already_ended', `Task ${id} has already ended (${read.status}).`);
    const cancelled = await cancelAsRead(ports, read, reason, await withKnownDecision(ports, read));
    return cancelled.applied ? cancelled.task : undefined;
  });
}

/**
 * Retries one task.
 * @returns the task afterwards, with its payload
 * @throws Refusal task_not_found, not_retryable, unavailable
 */
export async function retryOne(ports: Ports, id: string): Promise<{ task: TaskRecord; payload: Payload | undefined }> {
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
    const retried = await retryAsRead(ports, read, states, await withKnownDecision(ports, read));
    return retried.applied ? retried.task : undefined;
  });
  return { task, payload };
}
