/**
 * Lets one loop sleep until it is woken or a time limit passes. A ring while the loop is awake ends its next sleep at
 * once.
 */
export class Bell {
  #rung = Promise.withResolvers<undefined>();

  ring(): void {
    this.#rung.resolve(undefined);
  }

  async wait(limitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const ring = (): void => this.ring();
    const timer = setTimeout(ring, Math.max(0, limitMs));
    signal.addEventListener('abort', ring, { once: true });
    await this.#rung.promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', ring);
    this.#rung = Promise.withResolvers();
  }
}
