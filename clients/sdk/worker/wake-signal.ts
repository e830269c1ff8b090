/** Wakes one waiter. A `wake` without a waiter is kept for the next one. */
export class WakeSignal {
  #isWoken = false;
  #answer: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** By performance.now(). */
  #dueAt = Infinity;

  wake(): void {
    this.#isWoken = true;
    this.#answer?.();
  }

  /** Limits the current wait to `ms` from now. */
  wakeWithin(ms: number): void {
    if (this.#answer && performance.now() + ms < this.#dueAt) this.#setTimer(ms);
  }

  /** Resolves at the next `wake`, or after `ms`. */
  async wait(ms?: number): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        this.#answer = resolve;
        if (ms !== undefined) this.#setTimer(ms);
      });
    }
    clearTimeout(this.#timer);
    this.#dueAt = Infinity;
    this.#isWoken = false;
    this.#answer = undefined;
  }

  #setTimer(ms: number): void {
    clearTimeout(this.#timer);
    this.#dueAt = performance.now() + ms;
    this.#timer = setTimeout(() => this.#answer?.(), ms);
  }
}
