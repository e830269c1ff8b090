/** Wakes one waiter. A ring without a waiter is kept for the next one. */
export class Bell {
  #rung = false;
  #answer: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** By performance.now(). */
  #dueAt = Infinity;

  ring(): void {
    this.#rung = true;
    this.#answer?.();
  }

  /** Limits the current wait to `ms` from now. */
  ringWithin(ms: number): void {
    if (this.#answer && performance.now() + ms < this.#dueAt) this.#setTimer(ms);
  }

  /** Resolves at the next ring, or after `ms`. */
  async wait(ms?: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        this.#answer = resolve;
        if (ms !== undefined) this.#setTimer(ms);
      });
    }
    clearTimeout(this.#timer);
    this.#dueAt = Infinity;
    this.#rung = false;
    this.#answer = undefined;
  }

  #setTimer(ms: number): void {
    clearTimeout(this.#timer);
    this.#dueAt = performance.now() + ms;
    this.#timer = setTimeout(() => this.#answer?.(), ms);
  }
}
