/**
 * Lets one loop sleep until it is woken or a time limit passes. A `wake` while the loop is awake ends its next sleep at
 * once.
 */
export class WakeSignal {
  #woken = Promise.withResolvers<undefined>();

  wake(): void {
    this.#woken.resolve(undefined);
  }

  async wait(limitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const wake = (): void => this.wake();
    const timer = setTimeout(wake, Math.max(0, limitMs));
    signal.addEventListener('abort', wake, { once: true });
    await this.#woken.promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', wake);
    this.#woken = Promise.withResolvers();
  }
}
