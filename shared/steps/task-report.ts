import { Refusal, type Code } from '../contract/problem.ts';
import { actingAgent, type Caller } from '../domain/caller.ts';
import { isHandedTo } from '../domain/instance.ts';
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

/** Who reports: the process counts only where it acts for an agent; whoever reports for the holder does so for its process. */
export function claimantOf(
  caller: Caller,
  input: { agent_id?: string | undefined; attempt?: number | undefined; instance?: string | undefined },
): Claimant {
  const agentId = actingAgent(caller, input.agent_id);
  return { agentId, attempt: input.attempt, instance: agentId === undefined ? undefined : input.instance };
}

/** How often an operation begins again after it has lost a race against another one on the same task or graph. */
export const maxTries = 5;

/** Stores what an agent reports where it belongs: in the task when small, else beside it, before the task names it. */
export async function storeReport({ tasks }: Pick<Ports, 'tasks'>, id: string, report: Report): Promise<StoredReport> {
  const duration = report.metrics?.['duration_ms'];
  const durationMs = typeof duration === 'number' ? { durationMs: duration } : {};
  const text = JSON.stringify(report);
  if (text === '{}') return {};
  if (Buffer.byteLength(text) <= inlineReportBytes) return { report, ...durationMs };
  return { reportRef: await tasks.putReport(id, report), ...durationMs };
}

/** What a holder claims about itself when it reports. */
export interface Claimant {
  agentId: string | undefined;
  attempt: number | undefined;
  /** Its process, where that names itself. */
  instance?: string | undefined;
}

/** Why a report of this holder is refused; undefined when the task is in one of the expected states and is its own. */
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
  if (isHeld(task) && instance !== undefined && !isHandedTo(task, instance)) {
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
 * Reads a task, lets `step` try something with it, and begins again when that lost a race.
 * @param step undefined: lost, try again with the task as it is now
 * @throws Refusal unavailable when races were lost every time
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
