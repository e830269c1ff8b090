import { nameTag } from './hash.ts';
import { progressRoom } from './item-room.ts';
import { jsonBytesOf, shortenedTo } from './shorten.ts';
import { logged, type Why } from './task-log.ts';
import { pendingEntry } from './index-entries.ts';
import { retryDelayMs } from './retry.ts';
import { madeAt, timeoutOf } from './offer.ts';
import { times, type Settings } from './settings.ts';
import { leftBehind } from './state-fields.ts';
import type {
  AssignedBy,
  AssignedTask,
  Handout,
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

/** Until when a run may go on that has the lease renewed at `now`: never beyond its timeout. */
export const leaseUntil = (now: number, startedAt: number, timeoutMs: number, settings: Settings) =>
  Math.min(now + settings.leaseMs, startedAt + timeoutMs);

/** When the holder last did something for its task: was given it, started it or extended its lease. */
export function lastReportAt(task: HeldTask, { leaseMs }: Settings): number {
  if (task.status !== 'running') return task.assignedAt;
  // Where the timeout has cut the lease, it may have been extended later than that.
  return Math.max(task.startedAt, task.leaseUntil - leaseMs);
}

export interface Offer {
  agentId: string;
  token: string;
  by: AssignedBy;
  /** Begin the run at once instead of waiting for start. */
  start: boolean;
  /** The process that asks, where it names itself. */
  instance?: string | undefined;
}

/** The claim or start that hands an attempt out. */
export interface Handing {
  /** Its own, so that it can tell whether it was this one that did. */
  token: string;
  /** The process that gets it, where it names itself. */
  instance: string | undefined;
}

/** What a lane says of a task. */
export interface Takeable {
  timeoutMs: number;
  /** How many attempts there were before; undefined where the lane does not say. */
  attempt?: number;
}

/**
 * The offer wins the task: a new attempt begins. Needs nothing but what the lane says, so it can be tried without a read. A try that
 * comes late, after a repeat of it or another offer has won, is of an attempt that was.
 */
export function take({ timeoutMs, attempt }: Takeable, offer: Offer, now: number, settings: Settings): Transition {
  return {
    guard: { is: 'ready_for', agentId: offer.agentId, attempt, now },
    change: heldChange(offer, timeoutMs, now, settings),
  };
}

/** Someone decides that this agent gets the task: a wait after a retry, or what the router had decided, does not count. */
export function assign(task: PendingTask | AssignedTask, offer: Offer, now: number, settings: Settings): Transition {
  const change = heldChange(offer, task.timeoutMs, now, settings);
  if (task.status === 'assigned') change.set.log = logged(task, 'assigned', now, { cause: 'reassigned' });
  return { guard: unchanged(task), change };
}

/** The next attempt begins, with this offer. */
export function heldChange(offer: Offer, timeoutMs: number, now: number, settings: Settings): HeldChange {
  const lease = offer.start ? leaseUntil(now, now, timeoutMs, settings) : now + settings.startWithinMs;
  const hold: Hold & Handout = {
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
    clear: leftBehind(['pending', 'assigned'], offer.start ? 'running' : 'assigned'),
    nextAttempt: true,
    indexEntry: { in: 'timers', at: lease },
  };
}

/** The agent begins. The timer stays where it is unless the run may end before it. */
export function start(task: AssignedTask, handing: Handing, now: number, settings: Settings): Transition {
  const lease = leaseUntil(now, now, task.timeoutMs, settings);
  return {
    guard: unchanged(task),
    change: {
      set: { status: 'running', startedAt: now, leaseUntil: lease, ...handout(handing) },
      ...(lease < task.leaseUntil && { indexEntry: { in: 'timers', at: lease } }),
    },
  };
}

/**
 * The agent begins what it was assigned under an offer. Needs nothing but the offer, so it can be tried without a read.
 * @returns undefined where the offer does not say enough, or the run may end so soon that the timer must be moved: then the task is to be read
 */
export function startOffered(offer: string, handing: Handing, now: number, settings: Settings): Transition | undefined {
  const timeoutMs = timeoutOf(offer);
  if (timeoutMs === undefined) return undefined;
  const lease = leaseUntil(now, now, timeoutMs, settings);
  if (lease < madeAt(offer) + times.offerMs + settings.startWithinMs) return undefined;
  return {
    guard: { is: 'assigned_under', offer, instance: handing.instance, timerAt: lease },
    change: { set: { status: 'running', startedAt: now, leaseUntil: lease, ...handout(handing) } },
  };
}

const handout = ({ token, instance }: Handing): Handout => ({
  claimToken: token,
  ...(instance !== undefined && { instance }),
});

/**
 * Another process of the same agent gets the task, in an attempt of its own, which fences the process that had it. Neither
 * is a failure. The slot is the agent's, so the offer stays; the timer too, unless the run may end before it.
 */
export function takeOver(
  task: HeldTask,
  handing: Handing,
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
        ...handout(handing),
        log: logged(task, status, now, { cause: 'agent_replaced' }),
      },
      clear: ['instance', 'progress', 'isWorkedOn'],
      nextAttempt: true,
      ...(lease < task.leaseUntil && { indexEntry: { in: 'timers', at: lease } }),
    },
  };
}

/** The agent is alive: its lease is extended, but never beyond the timeout. */
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

/** With as much of the message as the task has room for. */
function shortened(task: RunningTask, { percent, message }: RunProgress): RunProgress {
  const room = progressRoom(task) - progressFrameBytes;
  return {
    ...(percent !== undefined && { percent }),
    ...(message !== undefined && { message: shortenedTo(message, room, jsonBytesOf) }),
  };
}
/** A progress without its message, as it is stored. */
const progressFrameBytes = 40;

/** Who reports, in which attempt. */
export interface Reporter {
  agentId: string;
  attempt: number | undefined;
  /** The process, where it names itself. */
  instance?: string | undefined;
}

/** The work is done. Needs nothing but the reporter, so it can be tried without a read. */
export function complete(reporter: Reporter, report: StoredReport, now: number): Transition {
  return {
    guard: { is: 'run_by', ...reporter },
    change: {
      set: { status: 'completed', endedAt: now, excluded: {}, ...report },
      clear: leftBehind('running', 'completed'),
      indexEntry: { in: 'ended', status: 'completed', at: now, agentId: reporter.agentId },
    },
  };
}

export interface Failure extends Why {
  cause: 'failed' | 'timed_out' | 'agent_lost';
  shouldRetry: boolean;
  /** Where the report of a final failure is. */
  report: StoredReport;
  /** Chance for the wait before the next attempt, at least 0, less than 1. */
  fraction: number;
}

/** Whether a failure now would be the last one. */
export const isLastFailure = (task: TaskRecord, shouldRetry: boolean) =>
  !shouldRetry || task.retryCount + 1 >= task.maxAttempts;

/** The attempt has failed: tried again after a growing wait, or ended for good. */
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
        clear: leftBehind(task.status, 'failed'),
        indexEntry: { in: 'ended', status: 'failed', at: now, agentId: task.agentId },
      },
    };
  }
  const readyAt = now + retryDelayMs(retryCount, failure.fraction);
  const change = requeuedChange(task, logged(task, 'pending', now, failure), readyAt, now, settings);
  return { guard: unchanged(task), change: { ...change, set: { ...change.set, retryCount } } };
}

/**
 * The agent has it no more and nothing is held against the task, which keeps its place in the lane.
 * @param why `exclude: false`: what the agent released it may be offered again at once
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
    clear: leftBehind(task.status, 'pending'),
    indexEntry: pendingEntry(task, readyAt, now, settings),
  };
}

function exclude(task: TaskRecord, agentId: string, now: number): Record<string, number> {
  const lasting = Object.entries(task.excluded).filter(([, until]) => until > now);
  return { ...Object.fromEntries(lasting.slice(-4)), [nameTag(agentId)]: now + times.excludedMs };
}
