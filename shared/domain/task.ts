import type { Json, Priority, Routing, Status } from '../contract/nouns.ts';
import { wholeMs } from '../contract/prose.ts';
import type { Policies } from './dependency-policy.ts';

/** What the producer sent and no decision depends on. */
export interface Payload {
  content: string;
  metadata?: Record<string, Json>;
  dependencies: string[];
  /** Only if the task has no room for all of it. */
  title?: string;
  /** Only if the lane key is a hash and does not contain them. */
  requirements?: string[];
  idempotencyKey?: string;
  /** W3C trace context of the request that created it. */
  traceparent?: string;
}

/** What the agent finally reported. */
export interface Report {
  result?: Json;
  error?: string;
  metrics?: Record<string, Json>;
}

/** Why a task left a state early. */
export type Cause =
  | 'failed'
  | 'timed_out'
  | 'agent_lost'
  | 'not_started'
  | 'offer_expired'
  | 'released'
  | 'reassigned'
  | 'agent_replaced'
  | 'deregistered'
  | 'cancelled'
  | 'retried'
  | 'dependency_failed'
  | 'dependency_retried';

/** Whether a cause counts against the agent and against the task's attempts. */
export const isFailure = (cause: Cause) => cause === 'failed' || cause === 'timed_out' || cause === 'agent_lost';

/** An earlier event of the task: an attempt that ended, or a change from outside. */
export interface LogEntry {
  /** The status that followed. */
  status: Status;
  at: number;
  cause: Cause;
  /** In words, shortened. */
  reason?: string;
  /** The attempt that ended, its holder, and its offer unless the hold continued. */
  attempt?: number;
  agentId?: string;
  offer?: string;
  assignedAt?: number;
  startedAt?: number;
}

/**
 * What a task is from creation on, as requested by the producer. Times are milliseconds since 1970 by the server's
 * clock.
 */
export interface TaskDefinition extends Policies {
  id: string;
  type: string;
  priority: Priority;
  /** The canonical requirement set: see lane.ts. */
  lane: string;
  routing: Routing;
  timeoutMs: number;
  maxAttempts: number;
  notBefore?: number;
  createdAt: number;
  bodyHash: string;
  graphId?: string;
  /** The title in lists; absent if the inline payload contains it. */
  title?: string;
  /** Absent if it is too large to be inline and is stored separately. */
  payload?: Payload;
  /** The size of a separately stored payload in a response, in KB; absent if the payload is inline. */
  payloadKb?: number;
  /** Number of dependencies. */
  need: number;
}

/** What every task has, whatever its state. */
interface TaskCore extends TaskDefinition {
  /** Counts assignments; the fencing token. */
  attempt: number;
  /** Counts runs that failed or were lost after they had started. */
  retryCount: number;
  /** Ordinals of the dependencies that are met, and of those that failed. */
  done: number[];
  failed: number[];
  /** When it last became ready; absent if never. */
  readyAt?: number;
  /** Agents that this task is not offered to, and until when. */
  excluded: Record<string, number>;
  log: LogEntry[];
  /** The last statistics recount that marked the task. */
  countedIn?: number;
  /** The last graph decision that the task follows, or that was known when it was cancelled or retried individually. */
  decision?: number;
}

export type AssignedBy = 'router' | 'claim' | 'manual';

/** Who holds a task, or held it when it ended. */
export interface Hold {
  agentId: string;
  offer: string;
  assignedBy: AssignedBy;
  assignedAt: number;
}

export interface RunProgress {
  percent?: number;
  message?: string;
}

/** A report inside the task's item, or the name under which it is stored separately. */
export interface StoredReport {
  report?: Report;
  reportRef?: string;
  /** How long the work took, as measured by the agent. */
  durationMs?: number;
}

/**
 * Some dependencies are not met. When the last one is met: pending. When one fails: blocked, or cancelled if the policy
 * says so.
 */
export interface WaitingTask extends TaskCore {
  status: 'waiting';
  /** The interval until the sweep checks the dependencies again. */
  checkEveryMs: number;
}

/** A dependency has failed. When it is retried: waiting. When all are met after all: pending. */
export interface BlockedTask extends TaskCore {
  status: 'blocked';
  checkEveryMs: number;
}

/**
 * All dependencies are met, on creation, release, requeue or retry. When an agent gets it: assigned, or running at
 * once.
 */
export interface PendingTask extends TaskCore {
  status: 'pending';
  readyAt: number;
  /** The task is not ready before this time. */
  dueAt?: number;
}

/** The process that an attempt was delivered to. */
export interface Delivery {
  /** The process, if it names itself. */
  instance?: string;
  /**
   * The claim or start that delivered it, in case the offer is ambiguous: two calls may come in the same millisecond.
   */
  claimToken?: string;
}

/**
 * Assigned to an agent. When started: running. If not started in time, or released: pending. When it fails: pending or
 * failed.
 */
export interface AssignedTask extends TaskCore, Hold, Delivery {
  status: 'assigned';
  readyAt: number;
  /** The deadline to start. */
  leaseUntil: number;
}

/**
 * An agent is working on it. When it reports success: completed. When it fails, is lost or times out: pending or
 * failed. When released: pending.
 */
export interface RunningTask extends TaskCore, Hold, Delivery {
  status: 'running';
  readyAt: number;
  startedAt: number;
  /** The deadline for a report or heartbeat. */
  leaseUntil: number;
  progress?: RunProgress;
  /**
   * A process without an instance id has named the attempt in a heartbeat: it received the attempt and is working on
   * it.
   */
  isWorkedOn?: true;
}

/** The agent that ran it reported success. Permanent. */
export interface CompletedTask extends TaskCore, Hold, StoredReport {
  status: 'completed';
  readyAt: number;
  startedAt: number;
  endedAt: number;
}

/** Its last attempt failed, started or not; its holder is kept. When retried: pending, waiting or blocked. */
export interface FailedTask extends TaskCore, Hold, StoredReport {
  status: 'failed';
  readyAt: number;
  startedAt?: number;
  endedAt: number;
}

/**
 * Stopped on request, or by its policy when a dependency failed. Its holder, if any, is kept: the task is listed under
 * that agent, and the agent's next report is answered accordingly. When retried: pending, waiting or blocked.
 */
export type CancelledTask = TaskCore & { status: 'cancelled'; endedAt: number } & (
    (Hold & { startedAt?: number }) | { [Field in keyof Hold | 'startedAt']?: never }
  );

/** A task as stored. */
export type TaskRecord =
  WaitingTask | BlockedTask | PendingTask | AssignedTask | RunningTask | CompletedTask | FailedTask | CancelledTask;

/** A task in one of the given states. */
export type TaskIn<S extends Status> = Extract<TaskRecord, { status: S }>;

/** A task whose next state depends on its dependencies. */
export type DependentTask = WaitingTask | BlockedTask;

/** A task that an agent holds. */
export type HeldTask = AssignedTask | RunningTask;

/** A task that has ended; it leaves this state only by a retry. */
export type EndedTask = CompletedTask | FailedTask | CancelledTask;

export const isIn = <S extends Status>(task: TaskRecord, statuses: readonly S[]): task is TaskIn<S> =>
  statuses.some((status) => status === task.status);
export const isDependent = (task: TaskRecord): task is DependentTask => isIn(task, ['waiting', 'blocked']);
export const isPending = (task: TaskRecord): task is PendingTask => task.status === 'pending';
export const isHeld = (task: TaskRecord): task is HeldTask => isIn(task, ['assigned', 'running']);
export const isRunning = (task: TaskRecord): task is RunningTask => task.status === 'running';
export const isEnded = (task: TaskRecord): task is EndedTask => isIn(task, ['completed', 'failed', 'cancelled']);

/** Who holds the task, or held it when it ended. */
export function holdOf(task: TaskRecord): (Hold & { startedAt?: number }) | undefined {
  if (task.status === 'cancelled') return task.agentId === undefined ? undefined : task;
  return 'agentId' in task ? task : undefined;
}

/** Whether dependents count a task with this status as failed. */
export const failsDependents = (status: Status) =>
  status === 'failed' || status === 'cancelled' || status === 'blocked';

/** How long the work took, in whole milliseconds: as measured by the agent, else from start to end. */
export const executionMs = (task: CompletedTask) => wholeMs(task.durationMs ?? task.endedAt - task.startedAt);

type AnyFieldOf<T> = T extends unknown ? keyof T : never;
type AnyValueOf<T, Field> = T extends unknown ? (Field extends keyof T ? T[Field] : never) : never;

/** The fields of all states in one type, for code that treats all states alike. Every task is assignable to it. */
export type TaskFields = {
  [Field in AnyFieldOf<TaskRecord>]?: Exclude<AnyValueOf<TaskRecord, Field>, undefined>;
};

/** The fields of tasks in a state beyond the common ones. */
export type StateField<S extends Status = Status> = Exclude<AnyFieldOf<TaskIn<S>>, keyof TaskCore | 'status'>;
