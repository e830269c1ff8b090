import type { ClaimedTask } from '../types.ts';
import { MusterClient } from '../client.ts';
import { MusterError } from '../muster-error.ts';
import { backoffMs, pause } from '../pause.ts';
import { loadOpenTelemetry } from '../tracing/open-telemetry.ts';
import { Claims } from './claims.ts';
import { Heartbeats } from './heartbeats.ts';
import { hostName, newIdentity, type Identity } from './identity.ts';
import { quiet, type Logger } from '../logger.ts';
import { taskTypesOf } from './handler.ts';
import type { AgentOptions } from './options.ts';
import { isRefusal, Reporter } from './reporter.ts';
import { whyStopped } from './run.ts';
import { Runs } from './runs.ts';
import { TaskRunner } from './task-runner.ts';
import { messageOf } from './text.ts';

const defaultMaximum = 5;
const defaultGraceMs = 20_000;
/** How long releasing the remaining tasks may take after the grace period, in milliseconds. */
const releaseMs = 5_000;
/** How long a registration in progress may still be answered after a stop. */
const registrationMs = 2_000;
/** How long to wait before trying again to register an id that is in use, in milliseconds, and how often to log it. */
const inUseMs = { first: 1_000, longest: 10_000, betweenNotes: 60_000 };

/** The life of an agent: it registers, works until it is stopped, and drains. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #client: MusterClient;
  readonly #log: Logger;
  readonly #self: Identity;
  readonly #runs: Runs;
  readonly #reporter: Reporter;
  readonly #tasks: TaskRunner;
  readonly #claims: Claims;
  readonly #heartbeats: Heartbeats;
  /** Aborted when nothing new may begin. */
  readonly #stopping = new AbortController();
  /** Aborted when tasks that are still running must be released. */
  readonly #graceOver = new AbortController();
  /** Aborted to end pending requests. */
  readonly #ended = new AbortController();
  /** Set when another process now runs the agent. */
  #replaced: MusterError | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    // The agent itself logs what its client does.
    const client = 'client' in options ? options.client : new MusterClient({ ...options, logger: quiet });
    const log = options.logger ?? quiet;
    const runs = new Runs(options.maxConcurrentTasks ?? defaultMaximum);
    const handlers = options.handlers ?? { '*': options.handler };
    const taskTypes = taskTypesOf(handlers);
    const self = newIdentity(options.id, options.perProcess ?? false);
    const common = { client, self, runs, taskTypes, signal: this.#ended.signal };
    this.#client = client;
    this.#log = log;
    this.#self = self;
    this.#runs = runs;
    this.#reporter = new Reporter({ ...common, log, onRetry: this.#onRetry });
    this.#tasks = new TaskRunner({
      ...common,
      handlers,
      reporter: this.#reporter,
      log,
      onBegin: (run) => this.#heartbeats.watch(run),
      onRoom: (isMore) => this.#claims.slotFreed(isMore),
      onError: this.#onError,
    });
    this.#claims = new Claims({
      ...common,
      maxPollMs: options.maxPollMs ?? Infinity,
      onTask: (task) => this.#tasks.begin(task),
      onError: (error) => this.#recover(error),
    });
    this.#heartbeats = new Heartbeats({
      ...common,
      intervalMs: options.heartbeatMs,
      onUnnamed: () => this.#claims.askNow(),
      onError: async (error) => {
        if (this.#ended.signal.aborted) return;
        await this.#recover(error).catch((refusal: unknown) => log.error(`Heartbeat failed: ${messageOf(refusal)}`));
      },
    });
  }

  /** Begins nothing new; running handlers may finish within the grace period. */
  stop(): void {
    this.#stopping.abort();
    this.#tasks.close();
    this.#claims.stop();
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Releases the tasks that are still running now. */
  endGrace(): void {
    this.#graceOver.abort();
  }

  /**
   * Works until it is stopped.
   * @throws MusterError if Muster refuses the agent, for example its key, or another process has replaced this one
   */
  async live(): Promise<void> {
    try {
      // Before any task: spans require it to be loaded.
      await loadOpenTelemetry();
      await this.#register(this.#options.takeover);
      await this.#work();
    } catch (error) {
      if (error !== this.#stopping.signal.reason) throw error;
    }
  }

  async #work(): Promise<void> {
    const heartbeats = this.#heartbeats.run();
    try {
      await this.#claims.run();
    } catch (error) {
      this.stop();
      this.endGrace();
      throw error;
    } finally {
      await (this.#replaced === undefined ? this.#leave() : this.#untilIdle());
      this.#ended.abort();
      await heartbeats;
    }
    if (this.#replaced !== undefined) throw this.#replaced;
  }

  /**
   * Waits while another process runs the agent. Also ends a drain left by its own last stop, but not one that an
   * operator requested.
   */
  async #register(takeover = false): Promise<void> {
    const { signal } = this.#stopping;
    let noteAt = 0;
    for (let refusals = 1; ; refusals += 1) {
      try {
        await this.#registerOnce(takeover);
        return;
      } catch (error) {
        if (!isRefusal(error, 'agent_in_use')) throw error;
        if (performance.now() >= noteAt) {
          this.#log.warn(`Waiting: ${error.detail}`);
          noteAt = performance.now() + inUseMs.betweenNotes;
        }
        await pause(inUseMs.first / 2 + backoffMs(refusals, inUseMs.first, inUseMs.longest), signal);
      }
    }
  }

  async #registerOnce(takeover: boolean): Promise<void> {
    const { capabilities, maxConcurrentTasks, metadata } = this.#options;
    const { agent_id } = this.#self;
    const { signal, giveUp, done } = this.#registering();
    const onRetry = (error: MusterError) => {
      this.#onRetry(error);
      if (this.isStopping) giveUp();
    };
    const registration = this.#client.registerAgent(
      {
        ...this.#self,
        host: hostName(),
        takeover,
        capabilities,
        max_concurrent_tasks: maxConcurrentTasks ?? defaultMaximum,
        metadata,
      },
      { retries: Infinity, signal, onRetry },
    );
    const agent = await registration.finally(done);
    this.#log.info(`Agent ${agent_id} registered.`);
    if (agent.state === 'draining')
      this.#log.warn(`Agent ${agent_id} is draining: it gets no work until it is resumed.`);
  }

  /**
   * Aborts a registration. After a stop, a registration in progress may still be answered for a while: if it succeeded
   * unnoticed, it would keep the id from the next process for a minute.
   */
  #registering() {
    const { signal: stopping } = this.#stopping;
    const { signal: graceOver } = this.#graceOver;
    const [givenUp, answered] = [new AbortController(), new AbortController()];
    const giveUp = () => givenUp.abort(stopping.reason);
    const onStop = () => void pause(registrationMs, answered.signal).then(giveUp, () => undefined);
    if (stopping.aborted) giveUp();
    stopping.addEventListener('abort', onStop, { signal: answered.signal });
    graceOver.addEventListener('abort', giveUp, { signal: answered.signal });
    return { signal: givenUp.signal, giveUp, done: () => answered.abort() };
  }

  /** Draining stops the router; tasks assigned in the meantime are released as well. */
  async #leave(): Promise<void> {
    const { graceMs = defaultGraceMs, perProcess } = this.#options;
    const { agent_id: id } = this.#self;
    const options = { signal: this.#ended.signal };
    this.#log.info(`Agent ${id} is stopping: finishing the tasks it holds.`);
    const drained = this.#client
      .drainAgent({ ...this.#self, until_registered: true }, options)
      .catch((error: unknown) => this.#log.warn(`Draining agent ${id} failed: ${messageOf(error)}`));

    await Promise.race([this.#tasks.idle(), pause(graceMs, this.#graceOver.signal).catch(() => undefined)]);
    this.endGrace();
    for (const run of this.#runs.held) run.stop('agent_stopping', whyStopped);
    const released = this.#tasks
      .idle()
      .then(() => drained)
      .then(() => this.#releaseUnnamed())
      .then(() => (perProcess ? this.#client.deregisterAgent({ agent_id: id }, options) : undefined))
      .catch((error: unknown) => {
        // The next process already has the id, and with it any task that is left.
        if (!isRefusal(error, 'agent_replaced'))
          this.#log.warn(`Releasing the tasks of agent ${id} failed: ${messageOf(error)}`);
      });
    await Promise.race([released, pause(releaseMs, this.#ended.signal).catch(() => undefined)]);
  }

  /** Another process took over the tasks: nothing is drained or released. */
  #beReplaced(error: MusterError): void {
    this.#replaced = error;
    this.#log.error(`Stopping: ${messageOf(error)}`);
    this.stop();
    this.endGrace();
  }

  async #untilIdle(): Promise<void> {
    await Promise.race([this.#tasks.idle(), pause(releaseMs)]);
  }

  async #releaseUnnamed(): Promise<void> {
    const unnamed = await this.#heartbeats.beat();
    await Promise.all(unnamed.map((task) => this.#reporter.release(task, whyStopped, false)));
  }

  /**
   * Handles a failed request of the agent itself. Returns when to try again, in seconds, if the response says so.
   * @throws the error, if trying again would not help
   */
  async #recover(error: unknown): Promise<number> {
    if (isRefusal(error, 'agent_replaced')) {
      for (const run of this.#runs.held) run.lose('agent_replaced', messageOf(error));
      // A stopped agent's id is free as soon as its last report is written, before the report is answered.
      if (this.isStopping) return 0;
      this.#beReplaced(error);
    }
    if (isRefusal(error, 'agent_not_found')) {
      this.#log.warn(`Agent ${this.#self.agent_id} is not registered; registering again.`);
      await this.#register();
      return 0;
    }
    if (!(error instanceof MusterError && error.isTemporary)) throw error;
    this.#onRetry(error);
    return error.retryAfter ?? 0;
  }

  readonly #onRetry = (error: MusterError) => this.#log.warn(`Retrying: ${error.message}`);

  /** An error in the user's callback does not end the agent. */
  readonly #onError = (error: unknown, task: ClaimedTask) => {
    try {
      this.#options.onError?.(error, task);
    } catch (thrown) {
      this.#log.error(`onError threw: ${messageOf(thrown)}`);
    }
  };
}
