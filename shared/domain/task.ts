import type { Json, Priority, Routing, Status } from '../contract/nouns.ts';
import { wholeMs } from '../contract/prose.ts';
import type { Policies } from './dependency-policy.ts';

/** What the producer said, as far as nothing is decided by it. */
export interface Payload {
  content: string;
  metadata?: Record<string, Json>;
  dependencies: string[];
  /** Only where the task has not room for all of it. */
  title?: string;
  /** Only where the lane is a hash and does not name them itself. */
  requirements?: string[];
  idempotencyKey?: string;
  /** W3C trace context in which it was created. */
  traceparent?: string;
}

/** What the agent said in the end. */
export interface Report {
  result?: Json;
  error?: string;
  metrics?: Record<string, Json>;
}

/** Why a task left a state before its time. */
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

/** Causes that count against the agent and against the attempts of the task. */
export const isFailure = (cause: Cause) => cause === 'failed' || cause === 'timed_out' || cause === 'agent_lost';

/** One thing that happened to the task before its present state: an attempt that ended, or a change from outside. */
export interface LogEntry {
  /** The status that followed. */
  status: Status;
  at: number;
  cause: Cause;
  /** In words, shortened. */
  reason?: string;
  /** The attempt that ended, who held it, under which offer unless the hold went on. */
  attempt?: number;
  agentId?: string;
  offer?: string;
  assignedAt?: number;
  startedAt?: number;
}

/** What a task is from its creation on, as the producer asked for it. Times are milliseconds since 1970, by the server's clock. */
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
  /** What lists call it; absent where the payload that rides along says it. */
  title?: string;
  /** Absent when it is stored beside the task because it is too large to ride along. */
  payload?: Payload;
  /** Kilobytes that a stored payload takes in an answer; absent when it rides along. */
  payloadKb?: number;
  /** How many dependencies there are. */
  need: number;
}

/** What every task has, whatever its state. */
interface TaskCore extends TaskDefinition {
  /** Counts assignments: the fencing token. */
  attempt: number;
  /** Counts runs that failed or were lost after they had started. */
  retryCount: number;
  /** The ordinals of the dependencies that are met, and of those that have failed. */
  done: number[];
  failed: number[];
  /** When it was last ready; absent as long as it never was. */
  readyAt?: number;
  /** Agents that this task is not offered to, and until when. */
  excluded: Record<string, number>;
  log: LogEntry[];
  /** The last recount of the statistics that has come by. */
  countedIn?: number;
  /** The last decision about its graph that it follows, or that was known when it was cancelled or retried by itself. */
  decision?: number;
}

export type AssignedBy = 'router' | 'claim' | 'manual';

/** Who has a task, or had it when it ended. */
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

/** A report inside the task's item, or the name under which it is stored beside it. */
export interface StoredReport {
  report?: Report;
  reportRef?: string;
  /** How long the work took, as the agent measured it. */
  durationMs?: number;
}

/** Has dependencies that are not met. The last one is met: pending. One fails: blocked, or cancelled where its policy says so. */
export interface WaitingTask extends TaskCore {
  status: 'waiting';
  /** How long the sweep waits until it checks the dependencies again. */
  checkEveryMs: number;
}

/** A dependency has failed. That one is retried: waiting. All are met after all: pending. */
export interface BlockedTask extends TaskCore {
  status: 'blocked';
  checkEveryMs: number;
}

/** All dependencies are met, by creation, release, requeue or retry. An agent gets it: assigned, or running at once. */
export interface PendingTask extends TaskCore {
  status: 'pending';
  readyAt: number;
  /** It may not be worked on before this time. */
  dueAt?: number;
}

/** To which process of its agent an attempt was handed. */
export interface Handout {
  /** The process, where it names itself. */
  instance?: string;
  /** Of the claim or start that handed it out, where the offer does not tell: two may come in one millisecond. */
  claimToken?: string;
}

/** Given to one agent. It starts: running. It does not in time, or releases it: pending. It fails: pending or failed. */
export interface AssignedTask extends TaskCore, Hold, Handout {
  status: 'assigned';
  readyAt: number;
  /** Start until then. */
  leaseUntil: number;
}

/** An agent works on it. It reports: completed. It fails, is lost or takes too long: pending or failed. It releases it: pending. */
export interface RunningTask extends TaskCore, Hold, Handout {
  status: 'running';
  readyAt: number;
  startedAt: number;
  /** Report or send a heartbeat until then. */
  leaseUntil: number;
  progress?: RunProgress;
  /** A heartbeat has named the attempt, of a process that does not name itself: it has got the attempt, and works on it. */
  isWorkedOn?: true;
}

/** The agent that ran it reported success. For good. */
export interface CompletedTask extends TaskCore, Hold, StoredReport {
  status: 'completed';
  readyAt: number;
  startedAt: number;
  endedAt: number;
}

/** Its last attempt failed, started or not; it keeps who had that one. Retried: pending, waiting or blocked. */
export interface FailedTask extends TaskCore, Hold, StoredReport {
  status: 'failed';
  readyAt: number;
  startedAt?: number;
  endedAt: number;
}

/**
 * Stopped on request, or by its policy when a dependency failed. It keeps who had it, if anyone did, so that it is listed
 * under that agent, whose next report is told. Retried: pending, waiting or blocked.
 */
export type CancelledTask = TaskCore & { status: 'cancelled'; endedAt: number } & (
    (Hold & { startedAt?: number }) | { [Field in keyof Hold | 'startedAt']?: never }
  );

/** A task as it is stored. */
export type TaskRecord =
  WaitingTask | BlockedTask | PendingTask | AssignedTask | RunningTask | CompletedTask | FailedTask | CancelledTask;

/** A task in one of some states. */
export type TaskIn<S extends Status> = Extract<TaskRecord, { status: S }>;

/** A task whose dependencies decide. */
export type DependentTask = WaitingTask | BlockedTask;

/** A task that an agent has. */
export type HeldTask = AssignedTask | RunningTask;

/** A task that has ended and leaves its state only when it is retried. */
export type EndedTask = CompletedTask | FailedTask | CancelledTask;

export const isIn = <S extends Status>(task: TaskRecord, statuses: readonly S[]): task is TaskIn<S> =>
  statuses.some((status) => status === task.status);
export const isDependent = (task: TaskRecord): task is DependentTask => isIn(task, ['waiting', 'blocked']);
export const isPending = (task: TaskRecord): task is PendingTask => task.status === 'pending';
export const isHeld = (task: TaskRecord): task is HeldTask => isIn(task, ['assigned', 'running']);
export const isRunning = (task: TaskRecord): task is RunningTask => task.status === 'running';
export const isEnded = (task: TaskRecord): task is EndedTask => isIn(task, ['completed', 'failed', 'cancelled']);

/** Who has the task, or had it when it ended. */
export function holdOf(task: TaskRecord): (Hold & { startedAt?: number }) | undefined {
  if (task.status === 'cancelled') return task.agentId === undefined ? undefined : task;
  return 'agentId' in task ? task : undefined;
}

/** Whether the dependents of a task in this status must count it as failed. */
export const failsDependents = (status: Status) =>
  status === 'failed' || status === 'cancelled' || status === 'blocked';

/** How long the work took, in whole milliseconds: as the agent measured it, else from start to end. */
export const executionMs = (task: CompletedTask) => wholeMs(task.durationMs ?? task.endedAt - task.startedAt);

type AnyFieldOf<T> = T extends unknown ? keyof T : never;
type AnyValueOf<T, Field> = T extends unknown ? (Field extends keyof T ? T[Field] : never) : never;

/** Every field that a task has in some state, for those who treat all states alike. Each task is one of these. */
export type TaskFields = {
  [Field in AnyFieldOf<TaskRecord>]?: Exclude<AnyValueOf<TaskRecord, Field>, undefined>;
};

/** The fields that tasks of a state have beyond those that every task has. */
export type StateField<S extends Status = Status> = Exclude<AnyFieldOf<TaskIn<S>>, keyof TaskCore | 'status'>;
