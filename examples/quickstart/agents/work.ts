import { setTimeout as wait } from 'node:timers/promises';
import type { ClaimedTask } from '#shared/contract/task.ts';
import { agentId, post } from './http.ts';

/** Does one task. Returns the result; a thrown error fails the task. */
export type Handler = (task: ClaimedTask, tell: (percent: number, message: string) => Promise<void>) => unknown;

/** Thrown by a handler that may succeed later: the task is retried. */
export class TemporaryError extends Error {}

/** A string in a task's metadata, which can hold anything. */
export const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

interface Claim {
  tasks: ClaimedTask[];
  poll_after_ms: number;
}

/**
 * The life of an agent: claims a task, does it, reports, and claims again when the server says so, until it is stopped.
 */
export async function work(handlers: Readonly<Record<string, Handler>>): Promise<void> {
  const { signal } = untilTold();
  while (!signal.aborted) {
    const { tasks, poll_after_ms: pause } = (await post(`/v1/agents/${agentId}/claim`, { limit: 1 })) as Claim;
    for (const task of tasks) await perform(task, handlers);
    await wait(pause, undefined, { signal }).catch(() => undefined);
  }
}

async function perform(task: ClaimedTask, handlers: Readonly<Record<string, Handler>>): Promise<void> {
  const { task_id: id, task_type: type, attempt, content } = task;
  console.log(`attempt ${attempt} of ${id}: ${content}`);
  const begun = performance.now();
  const tell = async (percent: number, message: string) => {
    await post(`/v1/tasks/${id}/heartbeat`, { attempt, progress: { percent, message } });
  };
  try {
    const handler = handlers[type];
    if (!handler) throw new Error(`The agent has no handler for task type ${type}.`);
    const result: unknown = await handler(task, tell);
    const duration = Math.round((performance.now() - begun) * 10) / 10;
    await post(`/v1/tasks/${id}/complete`, { attempt, result, metrics: { duration_ms: duration } });
    console.log(`completed ${id} in ${duration} ms`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const isTemporary = error instanceof TemporaryError;
    await post(`/v1/tasks/${id}/fail`, { attempt, error: message, should_retry: isTemporary });
    console.log(`failed ${id}, ${isTemporary ? 'will be retried' : 'permanently'}: ${message}`);
  }
}

/** Aborted when the process is asked to stop, or when its parent dies and closes the other end of stdin. */
function untilTold(): AbortController {
  const told = new AbortController();
  const stop = () => {
    told.abort();
    process.stdin.destroy();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdin.on('close', stop).resume();
  return told;
}
