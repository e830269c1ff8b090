import type { Routing } from '../contract/nouns.ts';
import type { TaskRecord } from './task.ts';

/** The one index entry of a task, by which those who need to find it. Every task that has not been deleted has exactly one. */
export type IndexEntry =
  | { in: 'lane'; lane: string; routing: Routing; order: string; timeoutMs: number; payloadKb?: number }
  /** Needs attention at a time: delayed, assigned, running. */
  | { in: 'timers'; at: number }
  /** Waiting or blocked: its dependencies are checked at a time. */
  | { in: 'checks'; at: number }
  | { in: 'ended'; status: 'completed' | 'failed' | 'cancelled'; at: number; agentId?: string | undefined };

type Fields = Omit<TaskRecord, 'id' | 'attempt'>;

/** What a transition changes. `indexEntry` absent: the task keeps the one it has. */
export interface Change {
  set: { [K in keyof Fields]?: NonNullable<Fields[K]> };
  clear?: readonly (keyof Fields)[];
  /** The next attempt begins. */
  nextAttempt?: true;
  /** Ordinals of dependencies that are met from now on (and have not failed). */
  met?: readonly number[];
  /** Ordinals of dependencies that have failed. */
  failed?: readonly number[];
  /** Ordinals of dependencies that have not failed any more. */
  unfailed?: readonly number[];
  indexEntry?: IndexEntry;
}

/** What must hold in the instant of the write. The adapter has one named condition for each. */
export type Guard =
  /** Pending, due, and the agent is not excluded. */
  | { is: 'ready_for'; agentId: string; now: number }
  /** Running, held by this agent (in this attempt). */
  | { is: 'run_by'; agentId: string; attempt: number | undefined }
  /** Nothing that decides has changed since the task was read. */
  | {
      is: 'unchanged';
      task: Pick<TaskRecord, 'status' | 'attempt' | 'offer' | 'leaseUntil' | 'dueAt'> & {
        endedAt?: number;
        done?: number[];
        failed?: number[];
      };
    }
  /** Waiting or blocked with every dependency met. */
  | { is: 'all_met' }
  /** Waiting or blocked with all dependencies met but this one. */
  | { is: 'last_dependency'; bodyHash: string; ordinal: number; others: number }
  /** Waiting with a failed dependency. */
  | { is: 'some_failed' }
  /** Blocked without a failed dependency. */
  | { is: 'none_failed' };

/** One conditional write. */
export interface Transition {
  guard: Guard;
  change: Change;
}

/**
 * Whether a task shows a change as made although the write was refused: then an earlier try of the same write made it, and
 * only its answer was lost. Only for changes of the status: each carries a time or a token of its own.
 */
export function shows(task: TaskRecord, { guard, change }: Transition): boolean {
  if (change.set.status === undefined) return false;
  const before = guard.is === 'unchanged' ? guard.task.attempt : guard.is === 'run_by' ? guard.attempt : undefined;
  if (before !== undefined && task.attempt !== before + (change.nextAttempt ? 1 : 0)) return false;
  return Object.entries(change.set).every(
    ([field, value]) => JSON.stringify(task[field as keyof TaskRecord]) === JSON.stringify(value),
  );
}
