import type { ClaimedTask } from '../types.ts';
import type { Run } from './run.ts';

/** Of how many tasks the latest attempt is remembered: more than can be on their way in late answers. */
const remembered = 10_000;

/** What an agent is working on, and which of its slots are free. */
export class Runs {
  readonly #maximum: number;
  readonly #runs = new Set<Run>();
  /** Slots for which work is being asked for. */
  #reserved = 0;
  readonly #latestAttempts = new Map<string, number>();

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** Sets free slots aside for tasks that are being asked for. Returns how many: at most `wanted`. */
  reserve(wanted: number): number {
    const count = Math.max(0, Math.min(wanted, this.#maximum - this.#runs.size - this.#reserved));
    this.#reserved += count;
    return count;
  }

  unreserve(count: number): void {
    this.#reserved -= count;
  }

  /** Whether the attempt is a new one: no attempt runs twice, however many answers give it. */
  isNew({ task_id: id, attempt }: Pick<ClaimedTask, 'task_id' | 'attempt'>): boolean {
    return attempt > (this.#latestAttempts.get(id) ?? 0);
  }

  add(run: Run): void {
    const { task_id: id, attempt } = run.task;
    this.#runs.add(run);
    this.#latestAttempts.delete(id);
    this.#latestAttempts.set(id, attempt);
    const [oldest] = this.#latestAttempts.keys();
    if (this.#latestAttempts.size > remembered && oldest !== undefined) this.#latestAttempts.delete(oldest);
  }

  remove(run: Run): void {
    this.#runs.delete(run);
  }

  /** Those whose task the agent holds, as far as it knows. */
  get held(): Run[] {
    return [...this.#runs].filter((run) => run.phase !== 'over');
  }

  /** The same, as requests name them. */
  get holding(): { task_id: string; attempt: number }[] {
    return this.held.map(({ task: { task_id, attempt } }) => ({ task_id, attempt }));
  }

  /** The same with the proof that the agent knows of each: claims look at what they do not name. */
  get holds(): { task_id: string; attempt: number; hold?: string }[] {
    return this.held.map(({ task: { task_id, attempt, hold } }) => ({ task_id, attempt, hold }));
  }
}
