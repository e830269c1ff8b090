import { pause } from '../pause.ts';

export interface Progress {
  percent: number;
  message?: string;
}

/** The minimum interval between progress reports, because each is a write. */
const everyMs = 1000;

/** Reports the latest progress of a run and skips outdated values. */
export class ProgressReporter {
  #latest: Progress | undefined;
  #isReporting = false;
  readonly #send: (progress: Progress) => Promise<void>;
  readonly #signal: AbortSignal;

  /** @param send must not reject; @param signal ends it */
  constructor(send: (progress: Progress) => Promise<void>, signal: AbortSignal) {
    this.#send = send;
    this.#signal = signal;
  }

  report(progress: Progress): void {
    this.#latest = progress;
    if (!this.#isReporting) void this.#reportAll();
  }

  async #reportAll(): Promise<void> {
    this.#isReporting = true;
    while (this.#latest && !this.#signal.aborted) {
      const progress = this.#latest;
      this.#latest = undefined;
      await this.#send(progress);
      await pause(everyMs, this.#signal).catch(() => undefined);
    }
    this.#isReporting = false;
  }
}
