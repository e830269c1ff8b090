import { setTimeout as pause } from 'node:timers/promises';
import { canDo, type PlannedAgent, type PlannedTask } from './workload.ts';

/** How long a task takes. */
const workMs = 2;

interface Entry {
  task: PlannedTask;
  submittedAt: number;
  startedAt?: number;
  endedAt?: number;
}

/**
 * Records what was submitted and what became of it. The agents of every queue do their work here, which detects faults.
 */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #working = new Map<string, number>();
  readonly #faults = new Map<string, number>();
  #left = 0;
  #onNoneLeft: (() => void) | undefined;

  /** Records tasks right before they are submitted. */
  submitted(tasks: readonly PlannedTask[]): void {
    const submittedAt = performance.now();
    for (const task of tasks) this.#entries.set(task.id, { task, submittedAt });
    this.#left += tasks.length;
  }

  /** Works on a task for an agent. */
  async work(agent: PlannedAgent, id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (!entry) {
      this.#fault('tasks that nobody submitted');
      return;
    }
    const working = (this.#working.get(agent.id) ?? 0) + 1;
    this.#working.set(agent.id, working);
    if (working > agent.slots) this.#fault('starts beyond the slots of an agent');
    if (!canDo(agent, entry.task.requirements)) this.#fault('starts without a required capability');
    if (entry.task.dependencies.some((dependency) => this.#entries.get(dependency)?.endedAt === undefined))
      this.#fault('starts before a dependency');
    const isRepeat = entry.startedAt !== undefined;
    if (isRepeat) this.#fault('repeated starts');
    else entry.startedAt = performance.now();

    await pause(workMs);

    this.#working.set(agent.id, (this.#working.get(agent.id) ?? 1) - 1);
    if (isRepeat) return;
    entry.endedAt = performance.now();
    this.#left -= 1;
    if (this.#left === 0) this.#onNoneLeft?.();
  }

  /** Resolves when all submitted tasks have ended; rejects after the limit. */
  async allEnded(limitMs: number): Promise<void> {
    if (this.#left === 0) return;
    const inTime = new AbortController();
    const ended = new Promise<void>((resolve) => (this.#onNoneLeft = resolve));
    const late = pause(limitMs, undefined, { signal: inTime.signal }).then(() => {
      throw new Error(`${this.#left} tasks had not ended after ${limitMs / 1000} s.`);
    });
    // May reject when it is no longer awaited.
    late.catch(() => undefined);
    await Promise.race([ended, late]);
    inTime.abort();
  }

  /** The time from ready (submitted, and its dependencies ended) to started of each task, in milliseconds. */
  waits(): number[] {
    return [...this.#entries.values()].flatMap(({ task, submittedAt, startedAt }) => {
      const ends = task.dependencies.map((dependency) => this.#entries.get(dependency)?.endedAt ?? submittedAt);
      return startedAt === undefined ? [] : [startedAt - Math.max(submittedAt, ...ends)];
    });
  }

  /** Faults, with the number of occurrences; empty if there are none. */
  faults(): string[] {
    const all = [...this.#faults].map(([what, count]) => `${count} ${what}`);
    return this.#left > 0 ? [...all, `${this.#left} tasks that did not end`] : all;
  }

  #fault(what: string): void {
    this.#faults.set(what, (this.#faults.get(what) ?? 0) + 1);
  }
}
