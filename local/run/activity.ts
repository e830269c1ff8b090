import { EventEmitter, once } from 'node:events';

/** What is under way besides waiting: running functions, deliveries. Lets `settled` know when nothing is. */
export class Activity {
  readonly #underWay = new Map<symbol, string>();
  readonly #idle = new EventEmitter();
  #begun = 0;

  /** How much was ever begun: when it stands still, nothing happened in between. */
  get begun(): number {
    return this.#begun;
  }

  /** For an error: what is under way. */
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

  /** Waits until nothing is under way, at most so long. */
  async ended(limitMs: number): Promise<void> {
    if (this.#underWay.size === 0) return;
    await once(this.#idle, 'idle', { signal: AbortSignal.timeout(limitMs) }).catch(() => undefined);
  }
}
