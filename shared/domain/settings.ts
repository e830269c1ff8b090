import type { Priority } from '../contract/nouns.ts';
import { settingDefaults, type PublicEvents } from '../schema.ts';

/** What an operator can set, and the times that the protocols are built on. Times are in milliseconds. */
export interface Settings {
  /** An assigned task must be started within this time. */
  startWithinMs: number;
  /** The lease of a running task, extended by heartbeats. */
  leaseMs: number;
  /** An agent that is unseen for this long gets no new work. */
  staleAfterMs: number;
  /** The maximum time that an idle agent is asked to wait between claims. */
  maxPollMs: number;
  /** How long an ended task is kept. */
  retentionMs: number;
  /** With this many active lanes, tasks with a new requirement set are refused. */
  maxLanes: number;
  /** With this many open tasks, new ones are refused. */
  maxOpenTasks: number;
  /** Added to a task's ready time for its virtual deadline; critical tasks always go first. */
  allowanceMs: Record<Exclude<Priority, 'critical'>, number>;
  /**
   * Tasks of a graph up to this size are stored in one item, the rest in others: a DynamoDB item holds at most 400 KB.
   */
  graphPartBytes: number;
  publicEvents: PublicEvents;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

export const defaultSettings: Settings = {
  startWithinMs: settingDefaults.startWithinSeconds * second,
  leaseMs: settingDefaults.leaseSeconds * second,
  staleAfterMs: settingDefaults.staleAfterSeconds * second,
  maxPollMs: settingDefaults.maxPollMilliseconds,
  retentionMs: settingDefaults.retentionDays * day,
  maxLanes: settingDefaults.maxLanes,
  maxOpenTasks: settingDefaults.maxOpenTasks,
  allowanceMs: {
    high: settingDefaults.allowanceSeconds.high * second,
    medium: settingDefaults.allowanceSeconds.medium * second,
    low: settingDefaults.allowanceSeconds.low * second,
  },
  graphPartBytes: 350 * 1024,
  publicEvents: settingDefaults.publicEvents,
};

/** Times that nobody needs to set: they follow from the protocols (docs/architecture.md). */
export const times = {
  /** The sweep acts this long after a lease expired, so that it cannot overtake a heartbeat in flight. */
  leaseGraceMs: 30 * second,
  /** A task that an agent released or did not start is not offered to that agent again for this long. */
  excludedMs: 10 * minute,
  /** An offer older than this can no longer be taken. */
  offerMs: 10 * second,
  /** An older inbox entry whose task does not carry its token is removed. */
  abandonedOfferMs: minute,
  /** A ready task that has waited longer than this was not assigned when its own wake-up reached the router. */
  routedWithinMs: 5 * second,
  /** Within this time a change is in the statistics, unless the stream is delayed. */
  countedWithinMs: 3 * second,
  /** An older inbox entry of a leaving agent can no longer become a hold, and is removed. */
  unmatchedOfferMs: 15 * second,
  /** An agent that is unseen for this long and holds nothing is removed. */
  removedAfterMs: 30 * day,
  /** Last-seen is written at most this often. */
  seenEveryMs: 30 * second,
  /** An empty lane that got no task for this long becomes dormant. */
  dormantAfterMs: day,
  /** An agent that is unseen for this long is dropped from the memberships by which the router finds agents. */
  forgottenAfterMs: hour,
  baseRetryDelayMs: 2 * second,
  maxRetryDelayMs: 5 * minute,
  /** The interval before the first dependency check of a waiting task; it doubles up to the maximum. */
  checkMs: 5 * minute,
  maxCheckMs: hour,
  /**
   * Ended tasks that are no longer shown are kept this much longer for their dependents, which is enough for two
   * checks.
   */
  keptForDependentsMs: 2 * hour,
  /** A ready task that is still in its lane after this long is sent to the router again. */
  wakeAgainMs: minute,
  /**
   * The maximum time spent writing tasks of one graph at a stretch: API Gateway waits 30 seconds, and a sweep has other
   * graphs to write.
   */
  graphWritesMs: 15 * second,
  /** A graph with unwritten tasks at this age is rolled forward. */
  graphWriteMs: minute,
  /** The maximum delay of an SQS message. */
  maxWakeUpDelayMs: 15 * minute,
  /** A task that has not ended by this age is cancelled. */
  maxAgeMs: 180 * day,
} as const;
