import { asProse } from '#shared/contract/prose.ts';
import type { MusterClient } from '../client.ts';
import { MusterError } from '../muster-error.ts';
import type { CallOptions } from '../call-options.ts';
import type { OutputOf } from '../operation-methods.ts';
import type { ClaimedTask, Json, Metrics } from '../types.ts';
import type { Logger } from '../logger.ts';
import type { Identity } from './identity.ts';
import type { Outcome, Run } from './run.ts';
import type { Runs } from './runs.ts';
import { messageOf } from './text.ts';

/** Keeps the request small; Muster itself would accept more. */
const errorLength = 4_000;

export interface ReporterOptions {
  client: MusterClient;
  self: Identity;
  runs: Runs;
  /** With a completion, claim only tasks of these types; any if undefined. */
  taskTypes: string[] | undefined;
  log: Logger;
  onRetry: (error: MusterError) => void;
  signal: AbortSignal;
}

/** Reports outcomes, each until Muster has accepted or refused it. */
export class Reporter {
  readonly #client: MusterClient;
  readonly #self: Identity;
  readonly #runs: Runs;
  readonly #taskTypes: string[] | undefined;
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  readonly #persistently: CallOptions;

  constructor({ client, self, runs, taskTypes, log, onRetry, signal }: ReporterOptions) {
    this.#client = client;
    this.#self = self;
    this.#runs = runs;
    this.#taskTypes = taskTypes;
    this.#log = log;
    this.#signal = signal;
    this.#persistently = { retries: Infinity, onRetry, signal };
  }

  /**
   * Reports an outcome and returns the tasks claimed in the same call.
   * @param claimNext how many tasks to claim with a completion
   * @throws MusterError if the report is refused; the reason of the signal
   */
  async report(run: Run, outcome: Outcome, claimNext: number): Promise<ClaimedTask[]> {
    const { task, metrics } = run;
    const attempt = { task_id: task.task_id, attempt: task.attempt };
    if (Object.keys(metrics).length === 0) return this.#report(attempt, outcome, claimNext);
    try {
      return await this.#report({ ...attempt, metrics }, outcome, claimNext);
    } catch (error) {
      // Without the outcome, the task would be held until its lease expires, and then repeated.
      if (!this.#isUnusable(error)) throw error;
      this.#log.warn(`${run.name}: reporting without metrics: ${messageOf(error)}`);
      return this.#report(attempt, outcome, claimNext);
    }
  }

  async #report(attempt: MeasuredAttempt, outcome: Outcome, claimNext: number): Promise<ClaimedTask[]> {
    switch (outcome.kind) {
      case 'completed':
        return this.#complete(attempt, outcome.result as Json, claimNext);
      case 'failed':
        await this.#fail(attempt, outcome.error, outcome.shouldRetry);
        return [];
      case 'released':
        await this.release(attempt, outcome.reason, outcome.mayReturn);
        return [];
      case 'lost':
        return [];
    }
  }

  /** @param mayReturn whether this agent may be given the task again at once */
  async release({ task_id, attempt }: Attempt, why: string, mayReturn: boolean): Promise<void> {
    const reason = asProse(why, errorLength);
    await this.#client.releaseTask(
      { ...this.#self, task_id, attempt, reason, exclude: !mayReturn },
      this.#persistently,
    );
  }

  async #complete(attempt: MeasuredAttempt, result: Json, claimNext: number): Promise<ClaimedTask[]> {
    let completed: OutputOf<'complete_task'>;
    try {
      completed = await this.#client.completeTask(
        {
          ...this.#self,
          ...attempt,
          result,
          claim_next: claimNext,
          ...(claimNext > 0 && { holding: this.#runs.holds, task_types: this.#taskTypes }),
        },
        this.#persistently,
      );
    } catch (error) {
      if (!this.#isUnusable(error)) throw error;
      // Another attempt would produce the same result.
      await this.#fail(attempt, new Error(`The result was refused: ${messageOf(error)}`, { cause: error }), false);
      return [];
    }
    return completed.claimed ?? [];
  }

  async #fail(attempt: MeasuredAttempt, error: unknown, shouldRetry: boolean): Promise<void> {
    const text = asProse(messageOf(error), errorLength);
    await this.#client.failTask(
      { ...this.#self, ...attempt, error: text, should_retry: shouldRetry },
      this.#persistently,
    );
  }

  /** Whether what the handler made cannot be serialized or is not accepted. */
  #isUnusable(error: unknown): boolean {
    if (error instanceof MusterError) return isRefusal(error, 'too_large') || isRefusal(error, 'invalid_input');
    return !this.#signal.aborted;
  }
}

interface Attempt {
  task_id: string;
  attempt: number;
}

type MeasuredAttempt = Attempt & { metrics?: Metrics };

/** Whether Muster refused a call with this code. */
export const isRefusal = (error: unknown, code: MusterError['code']): error is MusterError =>
  error instanceof MusterError && error.code === code;
