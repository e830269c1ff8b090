import type { Priority } from '../contract/nouns.ts';
import { settingDefaults, type PublicEvents } from '../schema.ts';

/** What an operator may set, and the times that the protocols are built on. All in milliseconds. */
export interface Settings {
  /** An assigned task must be started within this time. */
  startWithinMs: number;
  /** A running task's lease, extended by heartbeats. */
  leaseMs: number;
  /** An agent unseen for this long gets no new work. */
  staleAfterMs: number;
  /** The longest time that an idle agent is asked to wait between claims. */
  maxPollMs: number;
  /** How long a finished task is kept. */
  retentionMs: number;
  /** So many lanes may be active before no task with another requirement set is accepted. */
  maxLanes: number;
  /** So many tasks may be open before no more are accepted. */
  maxOpenTasks: number;
  /** Added to the time a task became ready to give its virtual deadline; critical tasks always go first. */
  allowanceMs: Record<Exclude<Priority, 'critical'>, number>;
  /** As much of the tasks of a graph is stored in one item, the rest in others: an item of DynamoDB has at most 400 KB. */
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
  /** The sweep acts this long after a lease ran out, so that it cannot beat a live heartbeat. */
  leaseGraceMs: 30 * second,
  /** A task that an agent gave back or did not start is not offered to it again for this long. */
  excludedMs: 10 * minute,
  /** An offer older than this is not taken any more. */
  offerMs: 10 * second,
  /** An inbox entry older than this whose task does not carry its token is removed. */
  abandonedOfferMs: minute,
  /** A ready task that has waited longer than this was not assigned by the router that its own wake-up has reached. */
  routedWithinMs: 5 * second,
  /** By then a change is in the statistics, unless the stream is held up. */
  countedWithinMs: 3 * second,
  /** An inbox entry of a leaving agent that is older than this cannot become a hold any more, and is removed. */
  unmatchedOfferMs: 15 * second,
  /** An agent unseen for this long that holds nothing is removed. */
  removedAfterMs: 30 * day,
  /** Last-seen is written at most this often. */
  seenEveryMs: 30 * second,
  /** A lane into which nobody has put a task for this long turns dormant when it is empty. */
  dormantAfterMs: day,
  /** An agent unseen for this long leaves the memberships by which the router finds agents. */
  forgottenAfterMs: hour,
  baseRetryDelayMs: 2 * second,
  maxRetryDelayMs: 5 * minute,
  /** The first check of a waiting task against its dependencies; the interval doubles up to the maximum. */
  checkMs: 5 * minute,
  maxCheckMs: hour,
  /** An ended task that nobody is shown any more is kept this much longer, for its dependents: two checks find it. */
  keptForDependentsMs: 2 * hour,
  /** A ready task that is still in its lane after this long is sent to the router again. */
  wakeAgainMs: minute,
  /** The tasks of a graph are written for at most this long at a stretch: API Gateway waits 30 seconds, and a sweep has others to write. */
  graphWritesMs: 15 * second,
  /** A graph whose tasks are not all written by this time is rolled forward. */
  graphWriteMs: minute,
  /** The longest delay of an SQS message. */
  maxWakeUpDelayMs: 15 * minute,
  /** A task that has not ended by this age is cancelled. */
  maxAgeMs: 180 * day,
} as const;
