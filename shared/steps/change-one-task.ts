import type { Status } from '../contract/nouns.ts';
import { Refusal } from '../contract/problem.ts';
import { isRetryable } from '../domain/graph-decision.ts';
import { isTooOld } from '../domain/lifecycle.ts';
import { times } from '../domain/settings.ts';
import { openStatuses } from '../domain/statistics.ts';
import { isEnded, type Payload, type TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { withKnownDecision, cancelAsRead, retryAsRead } from './cancel-or-retry.ts';
import { currentStatuses } from './current-statuses.ts';
import { untilDecided } from './task-report.ts';

const days = (ms: number) => ms / (24 * 3600 * 1000);

/**
 * Cancels one task.
 * @param statuses the task is not changed if it has none of these
 * @returns the task afterwards; a task already cancelled is not changed
 * @throws Refusal task_not_found, already_ended, unavailable
 */
export function cancelOne(
  ports: Ports,
  id: string,
  reason: string | undefined,
  statuses: readonly Status[] = openStatuses,
): Promise<TaskRecord> {
  return untilDecided(ports, id, async (read) => {
    if (!read) throw new Refusal('task_not_found', `Task ${id} not found.`);
    if (read.status === 'cancelled') return read;
    if (isEnded(read)) throw new Refusal('already_ended', `Task ${id} has already ended (${read.status}).`);
    if (!statuses.includes(read.status)) return read;
    const cancelled = await cancelAsRead(ports, read, reason, await withKnownDecision(ports, read));
    return cancelled.applied ? cancelled.task : undefined;
  });
}

/**
 * Retries one task.
 * @param statuses it must have one of these, in addition
 * @returns the task afterwards, with its payload
 * @throws Refusal task_not_found, not_retryable, unavailable
 */
export async function retryOne(
  ports: Ports,
  id: string,
  statuses: readonly Status[] = ['failed', 'cancelled'],
): Promise<{ task: TaskRecord; payload: Payload | undefined }> {
  const { tasks, clock } = ports;
  let payload: Payload | undefined;
  const task = await untilDecided(ports, id, async (read) => {
    if (!read) throw new Refusal('task_not_found', `Task ${id} not found.`);
    if (!isRetryable(read) || !statuses.includes(read.status)) {
      throw new Refusal('not_retryable', `Task ${id} is ${read.status}, not ${statuses.join(' or ')}.`);
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
