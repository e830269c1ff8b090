import type { DependencyPolicy, Json, Priority, Routing, Status } from '../contract/nouns.ts';
import { wholeMs } from './numbers.ts';

/** What the producer said, as far as nothing is decided by it. */
export interface Payload {
  content: string;
  metadata?: Record<string, Json>;
  dependencies: string[];
  /** Only where the lane is a hash and does not name them itself. */
  requirements?: string[];
  idempotencyKey?: string;
}

/** What the agent said in the end. */
export interface Report {
  result?: Json;
  error?: string;
  metrics?: Record<string, unknown>;
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
  /** The attempt that ended, who held it, under which offer. */
  attempt?: number;
  agentId?: string;
  offer?: string;
  assignedAt?: number;
  startedAt?: number;
}

export type AssignedBy = 'router' | 'claim' | 'manual';

/** A task as it is stored. Times are milliseconds since 1970, by the server's clock. */
export interface TaskRecord {
  id: string;
  type: string;
  priority: Priority;
  /** The canonical requirement set: see lane.ts. */
  lane: string;
  routing: Routing;
  policy: DependencyPolicy;
  timeoutMs: number;
  maxAttempts: number;
  notBefore?: number;
  createdAt: number;
  bodyHash: string;
  graphId?: string;
  /** Absent when it is stored beside the task because it is too large to ride along. */
  payload?: Payload;
  /** Kilobytes that a stored payload takes in an answer; absent when it rides along. */
  payloadKb?: number;

  status: Status;
  /** Counts assignments: the fencing token. */
  attempt: number;
  /** Counts runs that failed or were lost after they had started. */
  retryCount: number;

  /** How many dependencies there are, and the ordinals of those that are met and of those that have failed. */
  need: number;
  done: number[];
  failed: number[];
  /** How long the sweep waits until it checks the dependencies again. */
  checkEveryMs?: number;

  readyAt?: number;
  /** A pending task may not be worked on before this time. */
  dueAt?: number;
  /** Agents that this task is not offered to, and until when. */
  excluded: Record<string, number>;

  /** The holder while assigned or running, and the last holder after that. */
  agentId?: string;
  offer?: string;
  assignedBy?: AssignedBy;
  assignedAt?: number;
  startedAt?: number;
  /** Assigned: start until then. Running: report or give a sign of life until then. */
  leaseUntil?: number;
  progress?: { percent?: number; message?: string };

  endedAt?: number;
  /** As the agent measured it. */
  durationMs?: number;
  report?: Report;
  /** Names the report where it is stored beside the task. */
  reportRef?: string;

  log: LogEntry[];
}

/** A task that an agent has. */
export type HeldTask = TaskRecord &
  Required<Pick<TaskRecord, 'agentId' | 'offer' | 'assignedAt' | 'leaseUntil'>> & { status: 'assigned' | 'running' };

/** A task on which an agent works. */
export type RunningTask = HeldTask & Required<Pick<TaskRecord, 'startedAt'>> & { status: 'running' };

/** A task that has ended and leaves its state only when somebody retries it. */
export type EndedTask = TaskRecord &
  Required<Pick<TaskRecord, 'endedAt'>> & { status: 'completed' | 'failed' | 'cancelled' };

export const isHeld = (task: TaskRecord): task is HeldTask => task.status === 'assigned' || task.status === 'running';
export const isRunning = (task: TaskRecord): task is RunningTask => task.status === 'running';
export const isEnded = (task: TaskRecord): task is EndedTask =>
  task.status === 'completed' || task.status === 'failed' || task.status === 'cancelled';

/** Whether the dependents of a task in this status must count it as failed. */
export const failsDependents = (status: Status) =>
  status === 'failed' || status === 'cancelled' || status === 'blocked';

/** How long the work took, in whole milliseconds: as the agent measured it, else from start to end. */
export function executionMs(task: TaskRecord): number | undefined {
  if (task.endedAt === undefined || task.startedAt === undefined) return undefined;
  return wholeMs(task.durationMs ?? task.endedAt - task.startedAt);
}

/** One edge: a task that depends on another. It carries what is needed to release the child without reading it. */
export interface Edge {
  parentId: string;
  childId: string;
  childHash: string;
  /** The number of this dependency in the child, from 0. */
  ordinal: number;
  /** How many dependencies the child has. */
  need: number;
  policy: DependencyPolicy;
  lane: string;
  routing: Routing;
  priority: Priority;
  timeoutMs: number;
  payloadKb?: number;
  notBefore?: number;
}
