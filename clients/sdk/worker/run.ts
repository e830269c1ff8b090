import type { ClaimedTask, Metrics } from '../types.ts';
import { containing } from './contain.ts';
import { AttemptStopped, NotMe, PermanentError, type Handler, type StopCause, type Work } from './handler.ts';
import { noSpan } from '../tracing/messaging-span.ts';
import { messageOf } from './text.ts';

/** The reason with which a task is released when its agent stops. */
export const whyStopped = 'The agent is stopping.';

/** What there is to report of a run; nothing of one that was lost. */
export type Outcome =
  | { kind: 'completed'; result: unknown }
  | { kind: 'failed'; error: unknown; shouldRetry: boolean }
  /** `mayReturn`: this agent can do it, at another time. */
  | { kind: 'released'; reason: string; mayReturn: boolean }
  | { kind: 'lost' };

/** One attempt of a task in the hands of this agent. */
export class Run {
  readonly task: ClaimedTask;
  /** `working`, then `reporting`: the agent holds the task. `over`: it does not, though the handler may not have noticed. */
  phase: 'working' | 'reporting' | 'over' = 'working';
  /** Resolves when the handler has returned. */
  returned: Promise<void> = Promise.resolve();
  /** What its handler has measured. */
  readonly metrics: Metrics = {};
  /** Where it is traced. */
  span = noSpan;
  readonly #stop = new AbortController();

  constructor(task: ClaimedTask) {
    this.task = task;
  }

  get name() {
    const { task_id: task, attempt } = this.task;
    return `task ${task}, attempt ${attempt}`;
  }

  /** How long the lease lasts that it began with, in milliseconds. */
  get leaseMs(): number {
    const { task } = this;
    return task.status === 'running' ? Date.parse(task.lease_expires_at) - Date.parse(task.started_at) : Infinity;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** The work is no longer needed. A result that is already there is still reported. */
  stop(code: StopCause, why: string): void {
    if (this.phase === 'working') this.#stop.abort(new AttemptStopped(code, why));
  }

  /** Muster refuses the attempt: the task was reassigned, cancelled or deleted. */
  lose(code: string, why: string): void {
    this.stop(code === 'task_cancelled' ? 'cancelled' : 'lost', why);
  }

  /** Does the work until it is done or stopped. Never rejects. */
  async perform(
    handler: Handler,
    work: Pick<Work, 'progress' | 'metrics'>,
    onLeak: (error: unknown) => void,
  ): Promise<Outcome> {
    const { task, signal } = this;
    const stopped = new Promise<Outcome>((resolve) => {
      signal.addEventListener('abort', () => resolve(outcomeOfStop(signal.reason as AttemptStopped)), { once: true });
    });
    const worked = containing(onLeak, async () => {
      const result = await handler({ task, signal, dependencyResults: task.dependency_results, ...work });
      return { kind: 'completed', result } as const;
    }).catch(outcomeOfError);
    this.returned = worked.then(() => undefined);

    const { timeout_seconds: seconds } = task;
    const timer = setTimeout(() => this.stop('timed_out', `Exceeded timeout_seconds (${seconds}).`), seconds * 1000);
    const outcome = await Promise.race([worked, stopped]);
    clearTimeout(timer);
    return outcome;
  }
}

function outcomeOfError(error: unknown): Outcome {
  if (error instanceof NotMe) return { kind: 'released', reason: messageOf(error), mayReturn: false };
  return { kind: 'failed', error, shouldRetry: !(error instanceof PermanentError) };
}

function outcomeOfStop(reason: AttemptStopped): Outcome {
  switch (reason.code) {
    case 'timed_out':
      return { kind: 'failed', error: reason, shouldRetry: true };
    case 'agent_stopping':
      return { kind: 'released', reason: reason.message, mayReturn: true };
    default:
      return { kind: 'lost' };
  }
}
