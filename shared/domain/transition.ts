import type { Routing, Status } from '../contract/nouns.ts';
import { isSameJson } from './hash.ts';
import type {
  Delivery,
  Hold,
  LogEntry,
  RunProgress,
  StateField,
  StoredReport,
  TaskFields,
  TaskRecord,
} from './task.ts';

/** The index entry by which a task is found. Every task that has not been deleted has exactly one. */
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

/** What any change may also set. */
type CommonFields = Partial<Pick<TaskRecord, 'retryCount' | 'done' | 'failed' | 'excluded' | 'log' | 'decision'>>;

/** Fields of the state that a task is already in. */
export type FieldUpdate = CommonFields & {
  status?: never;
  leaseUntil?: number;
  progress?: RunProgress;
  isWorkedOn?: true;
  checkEveryMs?: number;
};

/** Given to an agent; becomes ready in the same change if it was waiting or blocked. */
type Held = Hold &
  Delivery & { readyAt?: number; leaseUntil: number } & (
    { status: 'assigned' } | { status: 'running'; startedAt: number }
  );

/** A new status, with the fields that the task did not have before. */
export type StatusUpdate = CommonFields &
  (
    | { status: 'waiting' | 'blocked'; checkEveryMs: number }
    /** From one of the two to the other: keeps the check interval. */
    | { status: 'waiting' | 'blocked'; checkEveryMs?: never; log: LogEntry[] }
    | { status: 'pending'; readyAt: number; dueAt?: number }
    | Held
    /** From assigned: the holder stays. */
    | ({ [Field in keyof Hold]?: never } & Delivery & { status: 'running'; startedAt: number; leaseUntil: number })
    /** From the same status, or from assigned to running: the agent keeps it, in another process. */
    | (Delivery & Pick<Hold, 'assignedAt'> & { status: 'assigned' | 'running'; startedAt?: number; leaseUntil: number })
    | (StoredReport & { status: 'completed' | 'failed'; endedAt: number })
    | { status: 'cancelled'; endedAt: number }
  );

/** What a transition changes. Without `indexEntry`, the task keeps its entry. */
export interface Change<Set extends FieldUpdate | StatusUpdate = FieldUpdate | StatusUpdate> {
  set: Set;
  /** Fields that the task no longer has: see `leftBehind`. */
  clear?: readonly StateField[];
  /** The next attempt begins. */
  nextAttempt?: true;
  /** Ordinals of dependencies that are now met (and have not failed). */
  met?: readonly number[];
  /** Ordinals of dependencies that have now failed. */
  failed?: readonly number[];
  /** Ordinals of dependencies that no longer count as failed. */
  unfailed?: readonly number[];
  indexEntry?: IndexEntry;
}

/** A change into a state, whatever the task was before. */
export type StateChange = Change<StatusUpdate>;

/** A change that gives a task to an agent. */
export type HeldChange = Change<CommonFields & Held>;

/** The fields of a task as read that a guard compares. */
export interface TaskAsRead extends Pick<TaskFields, 'offer' | 'leaseUntil' | 'dueAt' | 'endedAt' | 'done' | 'failed'> {
  status: Status;
  attempt: number;
}

/** What must hold at the moment of the write. The adapter has a named condition for each. */
export type Guard =
  /** Pending (after this many attempts), due, and the agent is not excluded. */
  | { is: 'ready_for'; agentId: string; attempt: number | undefined; now: number }
  /** Assigned under this offer, handed to no other process than this one, and its timer is not later than that. */
  | { is: 'assigned_under'; offer: string; instance: string | undefined; timerAt: number }
  /** Running, held by this agent (in this attempt) (and handed to this process). */
  | { is: 'run_by'; agentId: string; attempt: number | undefined; instance?: string | undefined }
  /** Nothing relevant has changed since the task was read (and it follows no graph decision as new as this one). */
  | { is: 'unchanged'; task: TaskAsRead; before?: number }
  /** Waiting or blocked with every dependency met, after this many attempts. */
  | { is: 'all_met'; attempt: number }
  /** Waiting or blocked, never held, and with every dependency met except this one. */
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

/** A change of a task that was read before. */
export interface ReadTransition extends Transition {
  guard: Guard & { is: 'unchanged' };
}

/** The guard that nothing relevant has changed since the task was read. */
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
 * Whether a refused write had already been applied by an earlier try whose response was lost. Only for changes of
 * status: each carries a time or token of its own.
 */
export function shows(task: TaskRecord, { guard, change }: Transition): boolean {
  if (change.set.status === undefined) return false;
  const before = guard.is === 'unchanged' ? guard.task.attempt : guard.is === 'run_by' ? guard.attempt : undefined;
  if (before !== undefined && task.attempt !== before + (change.nextAttempt ? 1 : 0)) return false;
  const shown: Record<string, unknown> = { ...task };
  return Object.entries(change.set).every(([field, value]) => isSameJson(shown[field], value));
}
