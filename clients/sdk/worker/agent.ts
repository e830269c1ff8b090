import type { ClaimedTask } from '#shared/contract/task.ts';
import { MusterClient } from '../client.ts';
import { MusterError } from '../muster-error.ts';
import { pause } from '../pause.ts';
import { Claims } from './claims.ts';
import { Heartbeats } from './heartbeats.ts';
import { quiet, type Logger } from './logger.ts';
import { taskTypesOf } from './handler.ts';
import type { AgentOptions } from './options.ts';
import { isRefusal, Reporter } from './reporter.ts';
import { whyStopped } from './run.ts';
import { Runs } from './runs.ts';
import { TaskRunner } from './task-runner.ts';
import { messageOf } from './text.ts';

const defaultMaximum = 5;
const defaultGraceMs = 20_000;
/** How long releasing the rest may take after that, in milliseconds. */
const releaseMs = 5_000;

/** The life of an agent: it registers, works until stopped, and drains. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #client: MusterClient;
  readonly #log: Logger;
  readonly #runs: Runs;
  readonly #reporter: Reporter;
  readonly #tasks: TaskRunner;
  readonly #claims: Claims;
  readonly #heartbeats: Heartbeats;
  /** Nothing new is begun. */
  readonly #stopping = new AbortController();
  /** What still runs is released. */
  readonly #graceOver = new AbortController();
  /** Pending requests are aborted. */
  readonly #ended = new AbortController();

  constructor(options: AgentOptions) {
    this.#options = options;
    const client = 'client' in options ? options.client : new MusterClient(options);
    const log = options.logger ?? quiet;
    const runs = new Runs(options.maxConcurrentTasks ?? defaultMaximum);
    const handlers = options.handlers ?? { '*': options.handler };
    const taskTypes = taskTypesOf(handlers);
    const common = { client, agentId: options.id, runs, taskTypes, signal: this.#ended.signal };
    this.#client = client;
    this.#log = log;
    this.#runs = runs;
    this.#reporter = new Reporter({ ...common, onRetry: this.#onRetry });
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

  /** Begins nothing new; what is under way may end within the grace period. */
  stop(): void {
    this.#stopping.abort();
    this.#tasks.close();
    this.#claims.stop();
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** What still runs is released now. */
  endGrace(): void {
    this.#graceOver.abort();
  }

  /**
   * Works until it is stopped.
   * @throws MusterError when Muster refuses the agent, for example its key
   */
  async live(): Promise<void> {
    try {
      await this.#register();
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
      await this.#leave();
      this.#ended.abort();
      await heartbeats;
    }
  }

  /** Also ends the draining of its own last stop, but not that which a person has asked for. */
  async #register(): Promise<void> {
    const { id: agent_id, capabilities, maxConcurrentTasks, metadata } = this.#options;
    const options = { retries: Infinity, signal: this.#stopping.signal, onRetry: this.#onRetry };
    const agent = await this.#client.registerAgent(
      { agent_id, capabilities, max_concurrent_tasks: maxConcurrentTasks ?? defaultMaximum, metadata },
      options,
    );
    this.#log.info(`Agent ${agent_id} registered.`);
    if (agent.state === 'draining')
      this.#log.warn(`Agent ${agent_id} is draining: it gets no work until it is resumed.`);
  }

  /** Draining stops the router; tasks assigned in the meantime are released as well. */
  async #leave(): Promise<void> {
    const { id, graceMs = defaultGraceMs } = this.#options;
    const options = { signal: this.#ended.signal };
    this.#log.info(`Agent ${id} is stopping: finishing the tasks it holds.`);
    const drained = this.#client
      .drainAgent({ agent_id: id, until_registered: true }, options)
      .catch((error: unknown) => this.#log.warn(`Draining agent ${id} failed: ${messageOf(error)}`));

    await Promise.race([this.#tasks.idle(), pause(graceMs, this.#graceOver.signal).catch(() => undefined)]);
    this.endGrace();
    for (const run of this.#runs.held) run.stop('agent_stopping', whyStopped);
    const released = this.#tasks
      .idle()
      .then(() => drained)
      .then(() => this.#releaseUnnamed())
      .catch((error: unknown) => this.#log.warn(`Releasing the tasks of agent ${id} failed: ${messageOf(error)}`));
    await Promise.race([released, pause(releaseMs, this.#ended.signal).catch(() => undefined)]);
  }

  async #releaseUnnamed(): Promise<void> {
    const unnamed = await this.#heartbeats.beat();
    await Promise.all(
      unnamed.map((task) => this.#reporter.release({ ...task, agent_id: this.#options.id }, whyStopped, false)),
    );
  }

  /**
   * Deals with what a request of the agent itself was answered with. Returns after how many seconds to ask again, where
   * the answer says so.
   * @throws the error, when asking again would not help
   */
  async #recover(error: unknown): Promise<number> {
    if (isRefusal(error, 'agent_not_found')) {
      this.#log.warn(`Agent ${this.#options.id} is not registered; registering again.`);
      await this.#register();
      return 0;
    }
    if (!(error instanceof MusterError && error.isTemporary)) throw error;
    this.#onRetry(error);
    return error.retryAfter ?? 0;
  }

  readonly #onRetry = (error: MusterError) => this.#log.warn(`Retrying: ${error.message}`);

  /** An error of the user's own callback does not end the agent. */
  readonly #onError = (error: unknown, task: ClaimedTask) => {
    try {
      this.#options.onError?.(error, task);
    } catch (thrown) {
      this.#log.error(`onError threw: ${messageOf(thrown)}`);
    }
  };
}
