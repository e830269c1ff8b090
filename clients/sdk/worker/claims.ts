import type { ClaimedTask } from '../types.ts';
import type { MusterClient } from '../client.ts';
import { backoffMs } from '../pause.ts';
import { WakeSignal } from './wake-signal.ts';
import type { Identity } from './identity.ts';
import type { Runs } from './runs.ts';

/** The maximum number of tasks per claim. */
export const claimSize = 10;
/** What Muster suggests after work: an earlier suggestion may come from a long idle time. */
const pollAfterWorkMs = 2000;
const firstBackoffMs = 500;
const longestBackoffMs = 30_000;

export interface ClaimsOptions {
  client: MusterClient;
  self: Identity;
  runs: Runs;
  /** Claim only tasks of these types; any if undefined. */
  taskTypes: string[] | undefined;
  /** Maximum time between claims, in milliseconds, whatever Muster suggests. */
  maxPollMs: number;
  onTask: (task: ClaimedTask) => void;
  /**
   * Handles a failed claim. Returns when to try again, in seconds, if the error says so.
   * @throws if trying again would not help
   */
  onError: (error: unknown) => Promise<number>;
  signal: AbortSignal;
}

/**
 * Claims work while there is room: when Muster suggests, when a slot becomes free, and with backoff while Muster is
 * unavailable.
 */
export class Claims {
  readonly #options: ClaimsOptions;
  readonly #wakeSignal = new WakeSignal();
  #isFull = false;
  #isStopped = false;

  constructor(options: ClaimsOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.stop());
  }

  stop(): void {
    this.#isStopped = true;
    this.#wakeSignal.wake();
  }

  /** Claims at once: there is work. */
  askNow(): void {
    this.#wakeSignal.wake();
  }

  /**
   * A slot became free. `isMore`: there may be work for it; otherwise there was none a moment ago, but dependents may
   * be ready soon.
   */
  slotFreed(isMore: boolean): void {
    if (isMore || this.#isFull) this.#wakeSignal.wake();
    else this.#wakeSignal.wakeWithin(pollAfterWorkMs);
  }

  /** Claims until it is stopped. */
  async run(): Promise<void> {
    let failures = 0;
    while (!this.#isStopped) {
      const room = this.#options.runs.reserve(claimSize);
      this.#isFull = room === 0;
      if (this.#isFull) {
        await this.#wakeSignal.wait();
        continue;
      }
      try {
        const pollAfterMs = await this.#claim(room);
        failures = 0;
        await this.#wakeSignal.wait(pollAfterMs);
      } catch (error) {
        if (this.#options.signal.aborted) return;
        failures += 1;
        const seconds = await this.#options.onError(error);
        await this.#wakeSignal.wait(seconds * 1000 + backoffMs(failures, firstBackoffMs, longestBackoffMs));
      }
    }
  }

  /** Returns when to claim again, in milliseconds. */
  async #claim(room: number): Promise<number> {
    const { client, self, runs, taskTypes, maxPollMs, onTask, signal } = this.#options;
    try {
      const answer = await client.claimTasks(
        { ...self, limit: room, holding: runs.holds, task_types: taskTypes },
        { signal, retries: 0 },
      );
      for (const task of answer.tasks) onTask(task);
      return Math.min(answer.poll_after_ms, maxPollMs);
    } finally {
      runs.unreserve(room);
    }
  }
}
