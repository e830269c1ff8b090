/**
 * Names of the environment variables that a function reads: the bridge between infra (which sets them) and functions.
 * Durations are in seconds.
 */
export const env = {
  tasksTable: 'MUSTER_TASKS_TABLE',
  agentsTable: 'MUSTER_AGENTS_TABLE',
  readyQueueUrl: 'MUSTER_READY_QUEUE_URL',
  releaseQueueUrl: 'MUSTER_RELEASE_QUEUE_URL',
  deadLetterQueueUrl: 'MUSTER_DEAD_LETTER_QUEUE_URL',
  busName: 'MUSTER_BUS_NAME',
  /** Which events are published: `none`, `ended` or `all`. */
  publicEvents: 'MUSTER_PUBLIC_EVENTS',
  startWithinSeconds: 'MUSTER_START_WITHIN_SECONDS',
  leaseSeconds: 'MUSTER_LEASE_SECONDS',
  staleAfterSeconds: 'MUSTER_STALE_AFTER_SECONDS',
  /** In milliseconds. */
  maxPoll: 'MUSTER_MAX_POLL_MILLISECONDS',
  retentionDays: 'MUSTER_RETENTION_DAYS',
  /** How many lanes may be active. */
  maxLanes: 'MUSTER_MAX_LANES',
  /** How many tasks may be open before no more are accepted. */
  maxOpenTasks: 'MUSTER_MAX_OPEN_TASKS',
  /** Of a graph's tasks in one item. No deployment sets it: the simulation does, so that small graphs are stored in parts. */
  graphPartBytes: 'MUSTER_GRAPH_PART_BYTES',
  /** JSON: seconds of allowance by priority, `{"high":60,"medium":3600,"low":86400}`. */
  priorityAllowances: 'MUSTER_PRIORITY_ALLOWANCES',
  /** `Muster/<stage>`. */
  metricsNamespace: 'POWERTOOLS_METRICS_NAMESPACE',
  /** The name of the function. */
  service: 'POWERTOOLS_SERVICE_NAME',
  /** Set by Lambda. */
  region: 'AWS_REGION',
} as const;
