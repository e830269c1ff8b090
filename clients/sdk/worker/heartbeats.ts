import type { MusterClient } from '../client.ts';
import { WakeSignal } from './wake-signal.ts';
import type { Identity } from './identity.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';

/**
 * The maximum interval, whatever the lease: it is also how soon a handler learns that its task was cancelled, and it is
 * shorter than any time after which Muster takes a task away.
 */
const longestMs = 20_000;
const shortestMs = 1_000;

export interface HeartbeatsOptions {
  client: MusterClient;
  self: Identity;
  runs: Runs;
  /** Replaces the default of a third of the shortest lease. */
  intervalMs: number | undefined;
  /** Muster reports tasks of this agent that it did not name. */
  onUnnamed: () => void;
  /** Must not reject. */
  onError: (error: unknown) => Promise<void>;
  signal: AbortSignal;
}

/** Extends the leases of all held tasks, and stops runs whose task was taken away. */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  readonly #wakeSignal = new WakeSignal();
  #nextAt = Infinity;

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#wakeSignal.wake());
  }

  /** Called when a run begins. */
  watch(run: Run): void {
    this.#nextAt = Math.min(this.#nextAt, performance.now() + this.#intervalMs(run));
    this.#wakeSignal.wake();
  }

  /** Sends heartbeats until the signal is aborted. Never rejects. */
  async run(): Promise<void> {
    const { runs, signal, onError } = this.#options;
    while (!signal.aborted) {
      const waitMs = this.#nextAt - performance.now();
      if (waitMs > 0) {
        await this.#wakeSignal.wait(Number.isFinite(waitMs) ? waitMs : undefined);
        continue;
      }
      try {
        if (runs.held.length > 0) await this.beat();
      } catch (error) {
        await onError(error);
      }
      this.#nextAt = performance.now() + Math.min(...runs.held.map((run) => this.#intervalMs(run)));
    }
  }

  /** Extends the leases, and returns the tasks that Muster says the agent holds and did not name. */
  async beat(): Promise<{ task_id: string; attempt: number }[]> {
    const { client, self, runs, onUnnamed, signal } = this.#options;
    const named = runs.held;
    const { lost, unnamed } = await client.heartbeatAgent({ ...self, holding: runs.holding }, { signal });
    for (const { task_id: id, attempt, code, detail } of lost) {
      const run = named.find(({ task }) => task.task_id === id && task.attempt === attempt);
      run?.lose(code, detail);
    }
    const unknown = unnamed.filter((task) => runs.isNew(task));
    if (unknown.length > 0) onUnnamed();
    return unknown;
  }

  #intervalMs(run: Run): number {
    return this.#options.intervalMs ?? Math.max(shortestMs, Math.min(longestMs, run.leaseMs / 3));
  }
}
