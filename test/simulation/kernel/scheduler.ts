import type { Chance } from '../../support/random.ts';

interface Event {
  at: number;
  /** Random order of events in the same millisecond. */
  order: number;
  run: () => void | Promise<void>;
  isCancelled?: boolean;
}

const nextTurn = setImmediate;

/** Virtual time: events happen one after another, each once everything that followed from the previous one is done. */
export class Scheduler {
  now: number;
  readonly #chance: Chance;
  readonly #events: Event[] = [];
  readonly #held = new Set<Promise<unknown>>();

  constructor(start: number, chance: Chance) {
    this.now = start;
    this.#chance = chance;
  }

  /** @returns a function that cancels it */
  after(ms: number, run: Event['run']): () => void {
    const event: Event = { at: this.now + Math.max(0, Math.ceil(ms)), order: this.#chance.fraction(), run };
    this.#add(event);
    return () => {
      event.isCancelled = true;
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, () => resolve()));
  }

  /**
   * Runs events until the work is done.
   * @throws Error if no events are left and it is not done
   */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { isDone: false };
    const ended = work.finally(() => (state.isDone = true));
    ended.catch(() => undefined);
    await this.#quiet();
    while (!state.isDone) {
      const event = this.#next();
      if (!event) throw new Error('Nothing can happen any more, and the work is not done.');
      this.now = event.at;
      await event.run();
      await this.#quiet();
    }
    return ended;
  }

  /** Stops virtual time during real work: loading a module. */
  async hold<T>(work: Promise<T>): Promise<T> {
    this.#held.add(work);
    try {
      return await work;
    } finally {
      this.#held.delete(work);
    }
  }

  /** Waits until no promise can continue. */
  async #quiet(): Promise<void> {
    do {
      await Promise.allSettled(this.#held);
      await new Promise((resolve) => nextTurn(resolve));
    } while (this.#held.size > 0);
  }

  // A binary heap, earliest event first.
  #add(event: Event): void {
    const events = this.#events;
    events.push(event);
    for (let n = events.length - 1; n > 0;) {
      const parent = (n - 1) >> 1;
      if (!this.#swapIfEarlier(n, parent)) break;
      n = parent;
    }
  }

  #next(): Event | undefined {
    const events = this.#events;
    for (;;) {
      const first = events[0];
      const last = events.pop();
      if (!first || !last) return undefined;
      if (events.length > 0) {
        events[0] = last;
        this.#sink();
      }
      if (!first.isCancelled) return first;
    }
  }

  #sink(): void {
    for (let n = 0; ;) {
      const left = 2 * n + 1;
      const right = left + 1;
      const earliest = right < this.#events.length && this.#isEarlier(right, left) ? right : left;
      if (earliest >= this.#events.length || !this.#swapIfEarlier(earliest, n)) return;
      n = earliest;
    }
  }

  #isEarlier(one: number, other: number): boolean {
    const [a, b] = [this.#events[one], this.#events[other]];
    return a !== undefined && b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order));
  }

  #swapIfEarlier(child: number, parent: number): boolean {
    const [a, b] = [this.#events[child], this.#events[parent]];
    if (!a || !b || !this.#isEarlier(child, parent)) return false;
    this.#events[child] = b;
    this.#events[parent] = a;
    return true;
  }
}
