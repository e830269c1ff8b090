import type { ClaimedTask } from '#shared/contract/nouns.ts';

/** Does one task. What it returns is the result, any JSON; what it throws fails the task, to be tried again. */
export type Handler = (work: Work) => unknown;

/** Handlers by task_type; `*` takes every other type. */
export type Handlers = Readonly<Record<string, Handler>>;

/** How many types one claim may name. */
const maxTaskTypes = 100;

/** The types to claim: those that have a handler; undefined when every type has one. */
export function taskTypesOf(handlers: Handlers): string[] | undefined {
  const types = Object.keys(handlers);
  return types.includes('*') || types.length > maxTaskTypes ? undefined : types;
}

/** What a handler is given. */
export interface Work {
  task: ClaimedTask;
  /** Aborted, with an AttemptStopped, when there is no use in going on. */
  signal: AbortSignal;
  /** Tells how far the work is. Never fails; what comes faster than once in a second is merged. */
  progress: (percent: number, message?: string) => void;
  /** What the dependencies brought, by task id. Those that were too large are named in `task.omitted`. */
  dependencyResults: ClaimedTask['dependency_results'];
}

/** Thrown by a handler: the task has failed and trying again would not help. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}

/** Thrown by a handler: another agent should do the task. It goes back to pending and costs no attempt. */
export class NotMe extends Error {
  override readonly name = 'NotMe';
}

/** Why a run was stopped: the task is not this agent's any more, was cancelled, took too long, or the agent stops. */
export type StopCause = 'lost' | 'cancelled' | 'timed_out' | 'agent_stopping';

/** The reason of the signal of a handler whose work is not wanted any more. */
export class AttemptStopped extends Error {
  override readonly name = 'AttemptStopped';
  readonly code: StopCause;

  constructor(code: StopCause, message: string) {
    super(message);
    this.code = code;
  }
}
