import { nameTag } from './hash.ts';
import { progressRoom } from './item-room.ts';
import { jsonBytesOf, shortenedTo } from './shorten.ts';
import { logged, type Why } from './task-log.ts';
import { pendingEntry } from './index-entries.ts';
import { retryDelayMs } from './retry.ts';
import { madeAt, timeoutOf } from './offer.ts';
import { times, type Settings } from './settings.ts';
import { fieldsToClear } from './state-fields.ts';
import type {
  AssignedBy,
  AssignedTask,
  Delivery,
  HeldTask,
  Hold,
  LogEntry,
  PendingTask,
  RunProgress,
  RunningTask,
  StoredReport,
  TaskRecord,
} from './task.ts';
import { unchanged, type HeldChange, type StateChange, type Transition } from './transition.ts';

/** When a lease renewed at `now` expires: never after the run's timeout. */
export const leaseUntil = (now: number, startedAt: number, timeoutMs: number, settings: Settings) =>
  Math.min(now + settings.leaseMs, startedAt + timeoutMs);

/** When the holder last acted on the task: got it, started it or extended its lease. */
export function lastReportAt(task: HeldTask, { leaseMs }: Settings): number {
  if (task.status !== 'running') return task.assignedAt;
  // If the timeout shortened the lease, it may have been extended later than this shows.
  return Math.max(task.startedAt, task.leaseUntil - leaseMs);
}

export interface Offer {
  agentId: string;
  token: string;
  by: AssignedBy;
  /** Start the run at once instead of waiting for start_task. */
  start: boolean;
  /** The process that asks, if it names itself. */
  instance?: string | undefined;
}

/** Whom a claim or start delivers an attempt to. */
export interface Recipient {
  /** A token of this claim or start, by which it recognizes its own write. */
  token: string;
  /** The process that gets the attempt, if it names itself. */
  instance: string | undefined;
}

/** What a lane stores about a task. */
export interface Takeable {
  timeoutMs: number;
  /** Number of earlier attempts; undefined if the lane does not store it. */
  attempt?: number;
}

/**
 * The offer wins the task and the next attempt begins. Uses only what the lane stores, so it can be tried without a
 * read. A delayed try, after its repeat or another offer has won, names a past attempt and fails.
 */
export function take({ timeoutMs, attempt }: Takeable, offer: Offer, now: number, settings: Settings): Transition {
  return {
    guard: { is: 'ready_for', agentId: offer.agentId, attempt, now },
    change: heldChange(offer, timeoutMs, now, settings),
  };
}

/** An explicit assignment to this agent; overrides a retry delay or a choice of the router. */
export function assign(task: PendingTask | AssignedTask, offer: Offer, now: number, settings: Settings): Transition {
  const change = heldChange(offer, task.timeoutMs, now, settings);
  if (task.status === 'assigned') change.set.log = logged(task, 'assigned', now, { cause: 'reassigned' });
  return { guard: unchanged(task), change };
}

/** The next attempt begins, under this offer. */
export function heldChange(offer: Offer, timeoutMs: number, now: number, settings: Settings): HeldChange {
  const lease = offer.start ? leaseUntil(now, now, timeoutMs, settings) : now + settings.startWithinMs;
  const hold: Hold & Delivery = {
    agentId: offer.agentId,
    offer: offer.token,
    assignedBy: offer.by,
    assignedAt: now,
    ...(offer.instance !== undefined && { instance: offer.instance }),
  };
  return {
    set: offer.start
      ? { status: 'running', ...hold, startedAt: now, leaseUntil: lease }
      : { status: 'assigned', ...hold, leaseUntil: lease },
    clear: fieldsToClear(['pending', 'assigned'], offer.start ? 'running' : 'assigned'),
    nextAttempt: true,
    indexEntry: { in: 'timers', at: lease },
  };
}

/** The agent starts the task. The timer stays as it is unless the run may end before it. */
export function start(task: AssignedTask, recipient: Recipient, now: number, settings: Settings): Transition {
  const lease = leaseUntil(now, now, task.timeoutMs, settings);
  return {
    guard: unchanged(task),
    change: {
      set: { status: 'running', startedAt: now, leaseUntil: lease, ...deliveredTo(recipient) },
      ...(lease < task.leaseUntil && { indexEntry: { in: 'timers', at: lease } }),
    },
  };
}

/**
 * The agent starts what it was assigned under an offer. Uses only the offer, so it can be tried without a read.
 * @returns undefined if the task has to be read first, because the offer lacks its timeout or the run may end before
 * its timer
 */
export function startOffered(
  offer: string,
  recipient: Recipient,
  now: number,
  settings: Settings,
): Transition | undefined {
  const timeoutMs = timeoutOf(offer);
  if (timeoutMs === undefined) return undefined;
  const lease = leaseUntil(now, now, timeoutMs, settings);
  if (lease < madeAt(offer) + times.offerMs + settings.startWithinMs) return undefined;
  return {
    guard: { is: 'assigned_under', offer, instance: recipient.instance, timerAt: lease },
    change: { set: { status: 'running', startedAt: now, leaseUntil: lease, ...deliveredTo(recipient) } },
  };
}

const deliveredTo = ({ token, instance }: Recipient): Delivery => ({
  claimToken: token,
  ...(instance !== undefined && { instance }),
});

/**
 * Moves the task to another process of the same agent. The new attempt fences off the previous process; neither is a
 * failure. The slot is the agent's, so the offer stays; so does the timer, unless the run may end before it.
 */
export function takeOver(
  task: HeldTask,
  recipient: Recipient,
  starts: boolean,
  now: number,
  settings: Settings,
): Transition {
  const runs = starts || task.status === 'running';
  const lease = runs ? leaseUntil(now, now, task.timeoutMs, settings) : now + settings.startWithinMs;
  const status = runs ? 'running' : 'assigned';
  return {
    guard: unchanged(task),
    change: {
      set: {
        status,
        assignedAt: now,
        leaseUntil: lease,
        ...(runs && { startedAt: now }),
        ...deliveredTo(recipient),
        log: logged(task, status, now, { cause: 'agent_replaced' }),
      },
      clear: ['instance', 'progress', 'isWorkedOn'],
      nextAttempt: true,
      ...(lease < task.leaseUntil && { indexEntry: { in: 'timers', at: lease } }),
    },
  };
}

/** Extends the lease, but never beyond the timeout. */
export function renew(
  task: RunningTask,
  progress: RunProgress | undefined,
  now: number,
  settings: Settings,
): Transition {
  const lease = Math.max(task.leaseUntil, leaseUntil(now, task.startedAt, task.timeoutMs, settings));
  const isNew = task.instance === undefined && !task.isWorkedOn;
  return {
    guard: unchanged(task),
    change: {
      set: {
        leaseUntil: lease,
        ...(progress && { progress: shortened(task, progress) }),
        ...(isNew && { isWorkedOn: true }),
      },
    },
  };
}

/** Truncates the message to the room that the task has. */
function shortened(task: RunningTask, { percent, message }: RunProgress): RunProgress {
  const room = progressRoom(task) - progressFrameBytes;
  return {
    ...(percent !== undefined && { percent }),
    ...(message !== undefined && { message: shortenedTo(message, room, jsonBytesOf) }),
  };
}
/** The stored size of a progress without its message. */
const progressFrameBytes = 40;

/** Who reports, on which attempt. */
export interface Reporter {
  agentId: string;
  attempt: number | undefined;
  /** The process, if it names itself. */
  instance?: string | undefined;
}

/** The work is done. Uses only the report, so it can be tried without a read. */
export function complete(reporter: Reporter, report: StoredReport, now: number): Transition {
  return {
    guard: { is: 'run_by', ...reporter },
    change: {
      set: { status: 'completed', endedAt: now, excluded: {}, ...report },
      clear: fieldsToClear('running', 'completed'),
      indexEntry: { in: 'ended', status: 'completed', at: now, agentId: reporter.agentId },
    },
  };
}

export interface Failure extends Why {
  cause: 'failed' | 'timed_out' | 'agent_lost';
  shouldRetry: boolean;
  /** Where the report of a permanent failure is stored. */
  report: StoredReport;
  /** Randomness for the retry delay, from 0 (inclusive) to 1 (exclusive). */
  fraction: number;
}

/** Whether a failure now would be permanent. */
export const isLastFailure = (task: TaskRecord, shouldRetry: boolean) =>
  !shouldRetry || task.retryCount + 1 >= task.maxAttempts;

/** The attempt has failed: the task is retried with backoff, or fails permanently. */
export function fail(task: HeldTask, failure: Failure, now: number, settings: Settings): Transition {
  const retryCount = task.retryCount + 1;
  if (isLastFailure(task, failure.shouldRetry)) {
    return {
      guard: unchanged(task),
      change: {
        set: {
          status: 'failed',
          retryCount,
          endedAt: now,
          excluded: {},
          log: logged(task, 'failed', now, failure),
          ...failure.report,
        },
        clear: fieldsToClear(task.status, 'failed'),
        indexEntry: { in: 'ended', status: 'failed', at: now, agentId: task.agentId },
      },
    };
  }
  const readyAt = now + retryDelayMs(retryCount, failure.fraction);
  const change = requeuedChange(task, logged(task, 'pending', now, failure), readyAt, now, settings);
  return { guard: unchanged(task), change: { ...change, set: { ...change.set, retryCount } } };
}

/**
 * The agent no longer holds the task. This does not count against the task, which keeps its position in the lane.
 * @param why `exclude: false` allows a released task to be offered to the same agent again at once
 */
export function requeue(
  task: HeldTask,
  why: Why & { cause: 'released' | 'not_started' | 'offer_expired' | 'deregistered'; exclude?: boolean },
  now: number,
  settings: Settings,
): Transition {
  const change = requeuedChange(task, logged(task, 'pending', now, why), task.readyAt, now, settings);
  const isDeclined = why.cause === 'not_started' || (why.cause === 'released' && why.exclude !== false);
  if (isDeclined) change.set.excluded = exclude(task, task.agentId, now);
  return { guard: unchanged(task), change };
}

function requeuedChange(
  task: HeldTask,
  log: LogEntry[],
  readyAt: number,
  now: number,
  settings: Settings,
): StateChange {
  return {
    set: { status: 'pending', readyAt, log, ...(readyAt > now && { dueAt: readyAt }) },
    clear: fieldsToClear(task.status, 'pending'),
    indexEntry: pendingEntry(task, readyAt, now, settings),
  };
}

function exclude(task: TaskRecord, agentId: string, now: number): Record<string, number> {
  const lasting = Object.entries(task.excluded).filter(([, until]) => until > now);
  return { ...Object.fromEntries(lasting.slice(-4)), [nameTag(agentId)]: now + times.excludedMs };
}
