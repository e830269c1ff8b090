/** Names of the environment variables that functions read and infra sets. Durations are in seconds. */
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
  /** The maximum number of active lanes. */
  maxLanes: 'MUSTER_MAX_LANES',
  /** The maximum number of open tasks. */
  maxOpenTasks: 'MUSTER_MAX_OPEN_TASKS',
  /**
   * The size of a graph's tasks in one item. Not set in any deployment: the simulation sets it to store small graphs in
   * parts.
   */
  graphPartBytes: 'MUSTER_GRAPH_PART_BYTES',
  /** JSON: allowance in seconds by priority, `{"high":60,"medium":3600,"low":86400}`. */
  priorityAllowances: 'MUSTER_PRIORITY_ALLOWANCES',
  /** `Muster/<stage>`. */
  metricsNamespace: 'POWERTOOLS_METRICS_NAMESPACE',
  metricsDisabled: 'POWERTOOLS_METRICS_DISABLED',
  /** The name of the function. */
  service: 'POWERTOOLS_SERVICE_NAME',
  /** Set by Lambda. */
  region: 'AWS_REGION',
} as const;
