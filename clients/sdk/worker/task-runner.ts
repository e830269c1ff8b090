import { asProse, wholePercent } from '#shared/contract/prose.ts';
import type { ClaimedTask, Metrics } from '../types.ts';
import type { MusterClient } from '../client.ts';
import { MusterError } from '../muster-error.ts';
import { inSpan } from '../tracing/messaging-span.ts';
import { claimSize } from './claims.ts';
import { NotMe, type Handler, type Handlers } from './handler.ts';
import type { Identity } from './identity.ts';
import type { Logger } from '../logger.ts';
import { ProgressReporter } from './progress.ts';
import type { Reporter } from './reporter.ts';
import { processOf, usageIn } from './process-span.ts';
import { Run, whyStopped, type Outcome } from './run.ts';
import type { Runs } from './runs.ts';
import { messageOf } from './text.ts';

/** A longer progress message would only enlarge the request: Muster keeps no more than this. */
const messageLength = 200;

export interface TaskRunnerOptions {
  client: MusterClient;
  self: Identity;
  handlers: Handlers;
  runs: Runs;
  reporter: Reporter;
  log: Logger;
  onBegin: (run: Run) => void;
  /** A slot became free. `isMore`: there may be more work for it at once. */
  onRoom: (isMore: boolean) => void;
  onError: (error: unknown, task: ClaimedTask) => void;
}

/** Runs handlers for the tasks of an agent and reports their outcomes. */
export class TaskRunner {
  readonly #options: TaskRunnerOptions;
  /** Runs in progress, including those that still have something to report. */
  readonly #underWay = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
  }

  /** Begins work on a task, unless this attempt was received before. */
  begin(task: ClaimedTask): void {
    const { runs, onBegin } = this.#options;
    if (!runs.isNew(task)) return;
    const run = new Run(task);
    runs.add(run);
    onBegin(run);
    const work = this.#work(run).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  /** From now on, tasks are released instead of begun. */
  close(): void {
    this.#isClosed = true;
  }

  /** Resolves when everything is reported. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Never rejects. */
  async #work(run: Run): Promise<void> {
    const { runs, reporter, log, onRoom } = this.#options;
    const outcome: Outcome = this.#isClosed
      ? { kind: 'released', reason: whyStopped, mayReturn: true }
      : await this.#perform(run);
    run.phase = 'reporting';
    const more = outcome.kind === 'completed' && !this.#isClosed ? runs.reserve(claimSize - 1) : 0;
    const asked = outcome.kind === 'completed' && !this.#isClosed ? more + 1 : 0;
    let next: ClaimedTask[] = [];
    try {
      next = await run.span.within(() => reporter.report(run, outcome, asked));
      log.debug(`${run.name} ${outcome.kind}`);
    } catch (error) {
      this.#onUnreported(run, error);
    }
    runs.unreserve(more);
    run.phase = 'over';
    // A handler that continues although its task is lost keeps its slot occupied.
    void run.returned.then(() => {
      runs.remove(run);
      onRoom(next.length === asked);
    });
    for (const task of next) this.begin(task);
  }

  async #perform(run: Run): Promise<Outcome> {
    const { self, handlers, log, onError } = this.#options;
    const { task } = run;
    const ended = new AbortController();
    const progressReporter = this.#progressReporter(run, ended.signal);
    const progress = (percent: number, message?: string) =>
      progressReporter.report({
        percent: wholePercent(percent),
        ...(message && { message: asProse(message, messageLength) }),
      });
    const onLeak = (error: unknown) => {
      log.error(`${run.name}: unhandled rejection: ${messageOf(error)}`);
      onError(error, task);
    };
    const metrics = (more: Metrics) => void Object.assign(run.metrics, more);
    log.debug(`${run.name} started`);
    const outcome = await inSpan(processOf(task, self), async (span) => {
      run.span = span;
      const done = await run.perform(handlerFor(handlers, task), { progress, metrics }, onLeak);
      span.set(usageIn(run.metrics));
      if (done.kind === 'failed') span.fail(done.error);
      return done;
    });
    ended.abort();
    if (outcome.kind === 'failed') {
      log.warn(`${run.name} failed: ${messageOf(outcome.error)}`);
      onError(outcome.error, task);
    }
    return outcome;
  }

  #progressReporter(run: Run, signal: AbortSignal): ProgressReporter {
    const { client, self, log } = this.#options;
    const { task_id, attempt } = run.task;
    return new ProgressReporter(async (progress) => {
      try {
        await client.heartbeatTask({ ...self, task_id, attempt, progress }, { signal });
      } catch (error) {
        if (signal.aborted) return;
        if (isGone(error)) run.lose(error.code, error.detail);
        else log.warn(`${run.name}: progress report failed: ${messageOf(error)}`);
      }
    }, signal);
  }

  #onUnreported(run: Run, error: unknown): void {
    const { log, onError } = this.#options;
    if (isGone(error)) {
      log.info(`${run.name} is no longer held: ${error.detail}`);
      return;
    }
    log.error(`${run.name}: report failed: ${messageOf(error)}`);
    onError(error, run.task);
  }
}

function handlerFor(handlers: Handlers, { task_type: type }: ClaimedTask): Handler {
  const handler = [type, '*'].find((name) => Object.hasOwn(handlers, name));
  const refuse: Handler = () => {
    throw new NotMe(`The agent has no handler for task type ${type}.`);
  };
  return handler === undefined ? refuse : (handlers[handler] ?? refuse);
}

/** Whether Muster refused a call because the task has moved on. */
const isGone = (error: unknown): error is MusterError =>
  error instanceof MusterError && (error.status === 404 || error.status === 409);
