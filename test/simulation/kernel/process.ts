import { AsyncLocalStorage } from 'node:async_hooks';
import type { Chance } from '../../support/random.ts';
import type { Scheduler } from './scheduler.ts';

/** One instance of a function, which Lambda calls an execution environment. */
export class Process {
  readonly name: string;
  readonly scheduler: Scheduler;
  /** Its source of randomness. */
  readonly chance: Chance;
  /** The error of its clock. */
  readonly skewMs: number;
  /** Performs a call of the AWS SDK. */
  readonly callAws: (process: Process, action: string, input: object, maxAttempts: number) => Promise<object>;
  isAlive = true;
  #pausedUntil = 0;
  readonly #whenKilled = new Set<() => void>();

  constructor(settings: Pick<Process, 'name' | 'scheduler' | 'chance' | 'skewMs' | 'callAws'>) {
    this.name = settings.name;
    this.scheduler = settings.scheduler;
    this.chance = settings.chance;
    this.skewMs = settings.skewMs;
    this.callAws = settings.callAws;
  }

  now(): number {
    return this.scheduler.now + this.skewMs;
  }

  /** Schedules something inside the process: later if it is paused then, never if it is killed before. */
  after(ms: number, run: () => void): () => void {
    let cancel = this.scheduler.after(ms, () => {
      if (!this.isAlive) return;
      const pause = this.#pausedUntil - this.scheduler.now;
      if (pause > 0) cancel = this.after(pause, run);
      else run();
    });
    return () => cancel();
  }

  /** Pauses the process, as if its machine were busy, or it were frozen between two invocations. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.scheduler.now + ms);
  }

  kill(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    for (const told of this.#whenKilled) told();
  }

  whenKilled(told: () => void): () => void {
    this.#whenKilled.add(told);
    return () => this.#whenKilled.delete(told);
  }
}

/** The process that the running code belongs to. */
export const currentProcess = new AsyncLocalStorage<Process>();
