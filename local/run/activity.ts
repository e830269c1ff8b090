import { EventEmitter, once } from 'node:events';

/**
 * Counts work in progress other than waiting (running functions, deliveries), so that `settled` knows when there is
 * none.
 */
export class Activity {
  readonly #underWay = new Map<symbol, string>();
  readonly #idle = new EventEmitter();
  #begun = 0;

  /** The number of activities ever begun: if it has not changed, nothing happened in between. */
  get begun(): number {
    return this.#begun;
  }

  /** For an error message: what is in progress. */
  describe(): string[] {
    return [...this.#underWay.values()];
  }

  async track<T>(what: string, work: () => Promise<T>): Promise<T> {
    const key = Symbol(what);
    this.#underWay.set(key, what);
    this.#begun += 1;
    try {
      return await work();
    } finally {
      this.#underWay.delete(key);
      if (this.#underWay.size === 0) this.#idle.emit('idle');
    }
  }

  /** Waits until nothing is in progress, up to a limit. */
  async ended(limitMs: number): Promise<void> {
    if (this.#underWay.size === 0) return;
    await once(this.#idle, 'idle', { signal: AbortSignal.timeout(limitMs) }).catch(() => undefined);
  }
}
