import type { Routing, Status } from '../contract/nouns.ts';
import { isSameJson } from './hash.ts';
import type { Handout, Hold, LogEntry, RunProgress, StateField, StoredReport, TaskFields, TaskRecord } from './task.ts';

/** The one index entry of a task, by which those who need to find it. Every task that has not been deleted has exactly one. */
export type IndexEntry =
  | {
      in: 'lane';
      lane: string;
      routing: Routing;
      order: string;
      timeoutMs: number;
      attempt: number;
      payloadKb?: number;
    }
  /** Needs attention at a time: delayed, assigned, running. */
  | { in: 'timers'; at: number }
  /** Waiting or blocked: its dependencies are checked at a time. */
  | { in: 'checks'; at: number }
  | { in: 'ended'; status: 'completed' | 'failed' | 'cancelled'; at: number; agentId?: string | undefined };

/** What any change may set besides. */
type Besides = Partial<Pick<TaskRecord, 'retryCount' | 'done' | 'failed' | 'excluded' | 'log' | 'decision'>>;

/** Fields of the state that a task is in. */
export type Amendment = Besides & {
  status?: never;
  leaseUntil?: number;
  progress?: RunProgress;
  isWorkedOn?: true;
  checkEveryMs?: number;
};

/** Given to an agent; ready with the same change where it comes from waiting or blocked. */
type Held = Hold &
  Handout & { readyAt?: number; leaseUntil: number } & (
    { status: 'assigned' } | { status: 'running'; startedAt: number }
  );

/** Another status, with the fields of that state which the task did not have before. */
export type Entrance = Besides &
  (
    | { status: 'waiting' | 'blocked'; checkEveryMs: number }
    /** From one of the two to the other: it is checked at the same interval. */
    | { status: 'waiting' | 'blocked'; checkEveryMs?: never; log: LogEntry[] }
    | { status: 'pending'; readyAt: number; dueAt?: number }
    | Held
    /** From assigned: by whom it is held stays. */
    | ({ [Field in keyof Hold]?: never } & Handout & { status: 'running'; startedAt: number; leaseUntil: number })
    /** From the same, or from assigned to running: its agent stays, with another process. */
    | (Handout & Pick<Hold, 'assignedAt'> & { status: 'assigned' | 'running'; startedAt?: number; leaseUntil: number })
    | (StoredReport & { status: 'completed' | 'failed'; endedAt: number })
    | { status: 'cancelled'; endedAt: number }
  );

/** What a transition changes. `indexEntry` absent: the task keeps the one it has. */
export interface Change<Set extends Amendment | Entrance = Amendment | Entrance> {
  set: Set;
  /** Fields that the task has no longer: see `leftBehind`. */
  clear?: readonly StateField[];
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

/** A change that leads to a state, whatever the task was before. */
export type StateChange = Change<Entrance>;

/** A change that gives a task to an agent. */
export type HeldChange = Change<Besides & Held>;

/** What a task was read as. */
export interface TaskAsRead extends Pick<TaskFields, 'offer' | 'leaseUntil' | 'dueAt' | 'endedAt' | 'done' | 'failed'> {
  status: Status;
  attempt: number;
}

/** What must hold in the instant of the write. The adapter has one named condition for each. */
export type Guard =
  /** Pending (after so many attempts), due, and the agent is not excluded. */
  | { is: 'ready_for'; agentId: string; attempt: number | undefined; now: number }
  /** Assigned under this offer, to no other process than this one, and its timer is no later than that. */
  | { is: 'assigned_under'; offer: string; instance: string | undefined; timerAt: number }
  /** Running, held by this agent (in this attempt) (and handed to this process). */
  | { is: 'run_by'; agentId: string; attempt: number | undefined; instance?: string | undefined }
  /** Nothing that decides has changed since the task was read (and it follows no decision about its graph as new as this one). */
  | { is: 'unchanged'; task: TaskAsRead; before?: number }
  /** Waiting or blocked with every dependency met, after so many attempts. */
  | { is: 'all_met'; attempt: number }
  /** Waiting or blocked with all dependencies met but this one, and never held. */
  | { is: 'last_dependency'; bodyHash: string; ordinal: number; others: number }
  /** Waiting with a failed dependency. */
  | { is: 'some_failed' }
  /** Waiting or blocked, and this dependency has failed. */
  | { is: 'this_failed'; ordinal: number }
  /** Blocked without a failed dependency. */
  | { is: 'none_failed' };

/** One conditional write. */
export interface Transition {
  guard: Guard;
  change: Change;
}

/** A change of a task as it was read. */
export interface ReadTransition extends Transition {
  guard: Guard & { is: 'unchanged' };
}

/** The condition that nothing which decides has changed since the task was read. */
export function unchanged(task: TaskRecord): Guard & { is: 'unchanged' } {
  const { status, attempt } = task;
  const { offer, leaseUntil, dueAt, endedAt }: TaskFields = task;
  return {
    is: 'unchanged',
    task: {
      status,
      attempt,
      ...(offer !== undefined && { offer }),
      ...(leaseUntil !== undefined && { leaseUntil }),
      ...(dueAt !== undefined && { dueAt }),
      ...(endedAt !== undefined && { endedAt }),
    },
  };
}

/**
 * Whether a task shows a change as made although the write was refused: then an earlier try of the same write made it, and
 * only its answer was lost. Only for changes of the status: each carries a time or a token of its own.
 */
export function shows(task: TaskRecord, { guard, change }: Transition): boolean {
  if (change.set.status === undefined) return false;
  const before = guard.is === 'unchanged' ? guard.task.attempt : guard.is === 'run_by' ? guard.attempt : undefined;
  if (before !== undefined && task.attempt !== before + (change.nextAttempt ? 1 : 0)) return false;
  const shown: Record<string, unknown> = { ...task };
  return Object.entries(change.set).every(([field, value]) => isSameJson(shown[field], value));
}
