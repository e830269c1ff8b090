import { Refusal, type Code } from '../contract/problem.ts';
import { actingAgent, type Caller } from '../domain/caller.ts';
import { isDeliveredTo } from '../domain/instance.ts';
import { inlineReportBytes } from '../domain/item-room.ts';
import {
  isEnded,
  isHeld,
  isIn,
  type HeldTask,
  type Report,
  type StoredReport,
  type TaskIn,
  type TaskRecord,
} from '../domain/task.ts';
import type { Ports } from '../ports.ts';

/**
 * Who reports. The process matters only if it acts for an agent; a report on behalf of the holder counts for the
 * holder's process.
 */
export function claimantOf(
  caller: Caller,
  input: { agent_id?: string | undefined; attempt?: number | undefined; instance?: string | undefined },
): Claimant {
  const agentId = actingAgent(caller, input.agent_id);
  return { agentId, attempt: input.attempt, instance: agentId === undefined ? undefined : input.instance };
}

/** How often an operation starts over after losing a race for the same task or graph. */
export const maxTries = 5;

/** Stores an agent's report: in the task if it is small, else separately, before the task refers to it. */
export async function storeReport({ tasks }: Pick<Ports, 'tasks'>, id: string, report: Report): Promise<StoredReport> {
  const duration = report.metrics?.['duration_ms'];
  const durationMs = typeof duration === 'number' ? { durationMs: duration } : {};
  const text = JSON.stringify(report);
  if (text === '{}') return {};
  if (Buffer.byteLength(text) <= inlineReportBytes) return { report, ...durationMs };
  return { reportRef: await tasks.putReport(id, report), ...durationMs };
}

/** What a reporter claims about its hold. */
export interface Claimant {
  agentId: string | undefined;
  attempt: number | undefined;
  /** Its process, if it names itself. */
  instance?: string | undefined;
}

/** Why this report is refused; undefined if the task is in an expected state and held by the reporter. */
export function reportRefusal(
  task: TaskRecord | undefined,
  id: string,
  { agentId, attempt, instance }: Claimant,
  expected: readonly TaskRecord['status'][],
): Refusal | undefined {
  if (!task) return new Refusal('task_not_found', `Task ${id} not found.`);
  const isOlder = attempt !== undefined && attempt < task.attempt;
  const hasEnded = !isEnded(task) && task.log.some((entry) => entry.attempt === attempt);
  if (attempt !== undefined && (isOlder || hasEnded)) {
    return new Refusal(
      'stale_attempt',
      `Attempt ${attempt} of task ${id} has ended; the task is now ${task.status}, attempt ${task.attempt}.`,
    );
  }
  if (attempt !== undefined && attempt > task.attempt) {
    return new Refusal(
      'stale_attempt',
      `Task ${id} is at attempt ${task.attempt}; attempt ${attempt} does not exist.`,
      {
        hint: 'Use the attempt that came with the task.',
      },
    );
  }
  if (task.status === 'cancelled') return new Refusal('task_cancelled', `Task ${id} was cancelled.`);
  if (isEnded(task)) return new Refusal('already_ended', `Task ${id} has already ended (${task.status}).`);
  if (isHeld(task) && agentId !== undefined && agentId !== task.agentId) {
    return new Refusal('not_holder', `Task ${id} is held by agent ${task.agentId}, not by ${agentId}.`);
  }
  if (isHeld(task) && instance !== undefined && !isDeliveredTo(task, instance)) {
    return new Refusal('not_holder', `Task ${id} was given to another process of agent ${task.agentId}.`);
  }
  if (expected.includes(task.status)) return undefined;
  const code: Code = expected.includes('assigned') ? 'not_assigned' : 'not_running';
  return new Refusal(code, `Task ${id} is ${task.status}, not ${expected.join(' or ')}.`);
}

/**
 * The task, if this holder may report on it now.
 * @throws Refusal
 */
export function heldTask<S extends HeldTask['status']>(
  task: TaskRecord | undefined,
  id: string,
  claimant: Claimant,
  expected: readonly S[],
): TaskIn<S> {
  const refusal = reportRefusal(task, id, claimant, expected);
  if (refusal) throw refusal;
  if (!task || !isIn(task, expected))
    throw new Error(`Task ${id} is not ${expected.join(' or ')}, but was not refused.`);
  return task;
}

/**
 * Reads a task, lets `step` try something with it, and starts over when that loses a race.
 * @param step returns undefined after losing a race, to be tried again with the current task
 * @throws Refusal unavailable after losing every race
 */
export async function untilDecided<T>(
  { tasks }: Pick<Ports, 'tasks'>,
  id: string,
  step: (task: TaskRecord | undefined) => Promise<T | undefined>,
): Promise<T> {
  for (let n = 0; n < maxTries; n += 1) {
    const decided = await step(await tasks.get(id));
    if (decided !== undefined) return decided;
  }
  throw new Refusal('unavailable', `Too much contention on task ${id}; try again.`, { retryAfterSeconds: 1 });
}
