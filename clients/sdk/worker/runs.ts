import type { ClaimedTask } from '../types.ts';
import type { Run } from './run.ts';

/** For how many tasks the latest attempt is remembered: more than could arrive in late responses. */
const remembered = 10_000;

/** The tasks that an agent is working on, and its free slots. */
export class Runs {
  readonly #maximum: number;
  readonly #runs = new Set<Run>();
  /** Slots reserved for a claim in progress. */
  #reserved = 0;
  readonly #latestAttempts = new Map<string, number>();

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** Reserves up to `wanted` free slots for a claim. Returns how many. */
  reserve(wanted: number): number {
    const count = Math.max(0, Math.min(wanted, this.#maximum - this.#runs.size - this.#reserved));
    this.#reserved += count;
    return count;
  }

  unreserve(count: number): void {
    this.#reserved -= count;
  }

  /** Whether an attempt is new: no attempt runs twice, however many responses contain it. */
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

  /** The runs whose task the agent holds, as far as it knows. */
  get held(): Run[] {
    return [...this.#runs].filter((run) => run.phase !== 'over');
  }

  /** The held tasks, as named in requests. */
  get holding(): { task_id: string; attempt: number }[] {
    return this.held.map(({ task: { task_id, attempt } }) => ({ task_id, attempt }));
  }

  /**
   * The held tasks with their hold tokens, which prove that the agent knows them: claims read those that are not named.
   */
  get holds(): { task_id: string; attempt: number; hold?: string }[] {
    return this.held.map(({ task: { task_id, attempt, hold } }) => ({ task_id, attempt, hold }));
  }
}
