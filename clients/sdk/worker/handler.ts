import type { ClaimedTask, Metrics } from '../types.ts';

/** Does one task. Its return value is the result, any JSON; a thrown error fails the task, which is then retried. */
export type Handler = (work: Work) => unknown;

/** Handlers by task_type; `*` takes every other type. */
export type Handlers = Readonly<Record<string, Handler>>;

/** The maximum number of types in a claim. */
const maxTaskTypes = 100;

/** The types to claim: those with a handler; undefined if every type has one. */
export function taskTypesOf(handlers: Handlers): string[] | undefined {
  const types = Object.keys(handlers);
  return types.includes('*') || types.length > maxTaskTypes ? undefined : types;
}

/** The argument of a handler. */
export interface Work {
  /** The task, with the number of this attempt. */
  task: ClaimedTask;
  /** Aborted with an AttemptStopped when the work is no longer needed. */
  signal: AbortSignal;
  /** Reports progress. Never fails; sends at most one report per second. */
  progress: (percent: number, message?: string) => void;
  /**
   * Adds to the metrics of the report, for example `input_tokens` and `output_tokens`; a later value replaces an
   * earlier one.
   */
  metrics: (metrics: Metrics) => void;
  /** Outcomes of the dependencies by task id. Those that were too large are listed in `task.omitted`. */
  dependencyResults: ClaimedTask['dependency_results'];
}

/** Thrown by a handler: the task fails and is not retried. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}

/** Thrown by a handler: another agent should do the task. It goes back to pending without using up an attempt. */
export class NotMe extends Error {
  override readonly name = 'NotMe';
}

/**
 * Why a run was stopped: the agent no longer holds the task, the task was cancelled or timed out, or the agent is
 * stopping.
 */
export type StopCause = 'lost' | 'cancelled' | 'timed_out' | 'agent_stopping';

/** The abort reason of a handler's signal. */
export class AttemptStopped extends Error {
  override readonly name = 'AttemptStopped';
  /** Why it was stopped. */
  readonly code: StopCause;

  constructor(code: StopCause, message: string) {
    super(message);
    this.code = code;
  }
}
