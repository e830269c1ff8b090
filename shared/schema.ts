/**
 * What infra and the code in functions must agree on, each fact once: infra declares it, adapters rely on it. The names
 * of environment variables are in env.ts; what item keys mean is in adapters/item-keys.ts.
 */

/** The primary key of both tables. Adapters write `pk` and `sk`: the type of their keys is made of these names. */
export const primaryKey = { partition: 'pk', sort: 'sk' } as const;

/**
 * The format of the stored data. `writes` is the format this version writes, `reads` the newest it understands. A
 * change that an older version would misread takes two releases: the first raises `reads`, the next `writes`; see
 * docs/operating.md#upgrade. Tables without a recorded format have format 1.
 */
export const dataFormat = { reads: 1, writes: 1 } as const;

/** When DynamoDB may delete an item, in epoch seconds. */
export const ttlAttribute = 'ttl';

/** Indexes of the tasks table; they hold keys only. Never change a name or key: that would rebuild the index. */
export const workIndex = { name: 'work', partition: 'g', sort: 'h' } as const;
export const agentIndex = { name: 'by-agent', partition: 'a', sort: 'h' } as const;
export const taskIndexes = [workIndex, agentIndex] as const;

export type TaskIndex = (typeof taskIndexes)[number];

/**
 * The kinds of items in the agents table, with their partition keys as IAM patterns: a policy lists the kinds that a
 * function may use. The keys themselves are made in adapters/item-keys.ts.
 */
export const agentsTableItems = {
  /** Agents and their profiles. */
  agents: ['A#*'],
  /** All agents by id. */
  directory: ['A'],
  /** The agents with a capability. */
  members: ['C#*'],
  /** Lane registrations, and their version. */
  lanes: ['L'],
  /** The active lanes: all of them, and by capability. */
  activeLanes: ['LA', 'L#*'],
  /** Counters of the queue, snapshots, and positions of visits. */
  statistics: ['S'],
  accessKeys: ['K'],
  /** The format of the stored data. */
  format: ['F'],
} as const;

export type AgentsTableItems = keyof typeof agentsTableItems;

/** Sort key of the item that every task transition changes; only its changes are published. */
export const taskSortKey = 'T';

/** The source of every event that Muster publishes. */
export const eventSource = 'muster.tasks';

/** Starts the release of dependents. Internal: only its own rule subscribes to it. */
export const releaseEvent = { source: 'muster.internal', type: 'Release Dependents' } as const;

/** EventBridge detail-types: what can happen to a task. */
export const eventTypes = {
  ready: 'Task Ready',
  assigned: 'Task Assigned',
  started: 'Task Started',
  completed: 'Task Completed',
  failed: 'Task Failed',
  blocked: 'Task Blocked',
  cancelled: 'Task Cancelled',
  requeued: 'Task Requeued',
} as const;

export type EventType = (typeof eventTypes)[keyof typeof eventTypes];

/**
 * What is published, by the setting's value. Nothing in Muster subscribes to these events: the release of dependents
 * has an event of its own.
 */
export const publicEvents = {
  none: [],
  ended: [eventTypes.completed, eventTypes.failed, eventTypes.blocked, eventTypes.cancelled, eventTypes.requeued],
  all: Object.values(eventTypes),
} as const satisfies Record<string, readonly EventType[]>;

export type PublicEvents = keyof typeof publicEvents;

/** The default settings of a deployment. */
export const settingDefaults = {
  retentionDays: 30,
  leaseSeconds: 300,
  startWithinSeconds: 120,
  staleAfterSeconds: 180,
  maxPollMilliseconds: 10_000,
  authorizerCacheSeconds: 60,
  maxLanes: 1_000,
  maxOpenTasks: 1_000_000,
  publicEvents: 'ended',
  /** Added to a task's ready time, by priority; critical tasks always go first. */
  allowanceSeconds: { high: 60, medium: 3_600, low: 86_400 },
} as const;

/** Metrics of function calls, in embedded metric format. Every metric has the function as its dimension `service`. */
export const metrics = {
  /** Duration of a call in milliseconds; its sample count is the number of calls. */
  duration: { name: 'Duration', dimension: 'operation' },
  /** Refused calls, by problem code. */
  refusals: { name: 'Refusals', dimension: 'code' },
} as const;

/**
 * Metrics of the work, in embedded metric format, with the same dimension. `changes`: by the stream consumer, for each
 * batch it counts; `now`: by the sweep, once a minute.
 */
export const workMetrics = {
  created: 'Created',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  /** From ready to assigned, and from start to completion. */
  wait: 'WaitTime',
  run: 'RunTime',
  /** Tasks that went from an agent back to their lane. */
  requeued: { name: 'Requeued', dimension: 'cause' },
  now: {
    waiting: { metric: 'Waiting', unit: 'Count' },
    blocked: { metric: 'Blocked', unit: 'Count' },
    pending: { metric: 'Pending', unit: 'Count' },
    assigned: { metric: 'Assigned', unit: 'Count' },
    running: { metric: 'Running', unit: 'Count' },
    oldestReadySeconds: { metric: 'OldestReady', unit: 'Seconds' },
    lanesWithWork: { metric: 'LanesWithWork', unit: 'Count' },
    stuckLanes: { metric: 'LanesWithoutCapableAgent', unit: 'Count' },
    successRate: { metric: 'SuccessRate', unit: 'None' },
    agentsActive: { metric: 'AgentsActive', unit: 'Count' },
    agentsBusy: { metric: 'AgentsBusy', unit: 'Count' },
    agentsStale: { metric: 'AgentsStale', unit: 'Count' },
    agentsDraining: { metric: 'AgentsDraining', unit: 'Count' },
    slotsUsed: { metric: 'SlotsUsed', unit: 'Count' },
    slotsFree: { metric: 'SlotsFree', unit: 'Count' },
  },
} as const;

/** The functions that emit the work metrics. */
export const workMetricsBy = { changes: 'count-changes', now: 'sweep' } as const;

/** The statuses of tasks that have not ended. */
export const openStatuses = ['waiting', 'blocked', 'pending', 'assigned', 'running'] as const;
