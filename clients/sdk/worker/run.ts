import type { ClaimedTask, Metrics } from '../types.ts';
import { containing } from './contain.ts';
import { AttemptStopped, NotMe, PermanentError, type Handler, type StopCause, type Work } from './handler.ts';
import { noSpan } from '../tracing/messaging-span.ts';
import { messageOf } from './text.ts';

/** The reason for releasing a task when its agent stops. */
export const whyStopped = 'The agent is stopping.';

/** The outcome of a run; a lost run has nothing to report. */
export type Outcome =
  | { kind: 'completed'; result: unknown }
  | { kind: 'failed'; error: unknown; shouldRetry: boolean }
  /** `mayReturn`: this agent can do the task at another time. */
  | { kind: 'released'; reason: string; mayReturn: boolean }
  | { kind: 'lost' };

/** One attempt of a task by this agent. */
export class Run {
  readonly task: ClaimedTask;
  /**
   * `working`, then `reporting`: the agent holds the task. `over`: it does not, even if the handler has not noticed
   * yet.
   */
  phase: 'working' | 'reporting' | 'over' = 'working';
  /** Resolves when the handler has returned. */
  returned: Promise<void> = Promise.resolve();
  /** The metrics added by the handler. */
  readonly metrics: Metrics = {};
  /** Its span. */
  span = noSpan;
  readonly #stop = new AbortController();

  constructor(task: ClaimedTask) {
    this.task = task;
  }

  get name() {
    const { task_id: task, attempt } = this.task;
    return `task ${task}, attempt ${attempt}`;
  }

  /** The duration of the initial lease, in milliseconds. */
  get leaseMs(): number {
    const { task } = this;
    return task.status === 'running' ? Date.parse(task.lease_expires_at) - Date.parse(task.started_at) : Infinity;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** The work is no longer needed. A result that already exists is still reported. */
  stop(code: StopCause, why: string): void {
    if (this.phase === 'working') this.#stop.abort(new AttemptStopped(code, why));
  }

  /** Muster refuses the attempt: the task was reassigned, cancelled or deleted. */
  lose(code: string, why: string): void {
    this.stop(code === 'task_cancelled' ? 'cancelled' : 'lost', why);
  }

  /** Runs the handler until it finishes or is stopped. Never rejects. */
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
