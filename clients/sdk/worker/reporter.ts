import { asProse } from '#shared/contract/prose.ts';
import type { MusterClient } from '../client.ts';
import { MusterError } from '../muster-error.ts';
import type { CallOptions } from '../call-options.ts';
import type { OutputOf } from '../operation-methods.ts';
import type { ClaimedTask, Json, Metrics } from '../types.ts';
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
  onRetry: (error: MusterError) => void;
  signal: AbortSignal;
}

/** Reports outcomes, each until Muster has accepted or refused it. */
export class Reporter {
  readonly #client: MusterClient;
  readonly #self: Identity;
  readonly #runs: Runs;
  readonly #taskTypes: string[] | undefined;
  readonly #persistently: CallOptions;

  constructor({ client, self, runs, taskTypes, onRetry, signal }: ReporterOptions) {
    this.#client = client;
    this.#self = self;
    this.#runs = runs;
    this.#taskTypes = taskTypes;
    this.#persistently = { retries: Infinity, onRetry, signal };
  }

  /**
   * Reports an outcome and returns the tasks claimed in the same call.
   * @param claimNext how many tasks to claim with a completion
   * @throws MusterError if the report is refused; the reason of the signal
   */
  async report({ task, metrics }: Run, outcome: Outcome, claimNext: number): Promise<ClaimedTask[]> {
    const attempt = { task_id: task.task_id, attempt: task.attempt };
    const report = { ...attempt, ...(Object.keys(metrics).length > 0 && { metrics }) };
    switch (outcome.kind) {
      case 'completed':
        return this.#complete(report, outcome.result as Json, claimNext);
      case 'failed':
        await this.#fail(report, outcome.error, outcome.shouldRetry);
        return [];
      case 'released':
        await this.release(attempt, outcome.reason, outcome.mayReturn);
        return [];
      case 'lost':
        return [];
    }
  }

  /** @param mayReturn whether this agent may be given the task again at once */
  async release(attempt: Attempt, why: string, mayReturn: boolean): Promise<void> {
    const reason = asProse(why, errorLength);
    await this.#client.releaseTask({ ...this.#self, ...attempt, reason, exclude: !mayReturn }, this.#persistently);
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
      if (!isUnusable(error)) throw error;
      // Another attempt would produce the same result, which cannot be serialized or is not accepted.
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
}

interface Attempt {
  task_id: string;
  attempt: number;
}

type MeasuredAttempt = Attempt & { metrics?: Metrics };

/** Whether Muster refused a call with this code. */
export const isRefusal = (error: unknown, code: MusterError['code']): error is MusterError =>
  error instanceof MusterError && error.code === code;

const isUnusable = (error: unknown) =>
  error instanceof TypeError || isRefusal(error, 'too_large') || isRefusal(error, 'invalid_input');
