/** What a request may hold at most. Too much is refused, never cut. Sizes are bytes of UTF-8. */
export const limits = {
  bodyBytes: 1024 * 1024,
  contentBytes: 256 * 1024,
  titleLength: 120,
  resultBytes: 256 * 1024,
  errorBytes: 16 * 1024,
  metadataBytes: 4 * 1024,
  metricsBytes: 4 * 1024,
  progressMessageLength: 200,
  reasonLength: 200,
  jsonDepth: 32,
  /** The whole input: a field that holds any JSON lies some levels down. */
  inputDepth: 40,
  requirements: 20,
  capabilities: 100,
  dependencies: 1000,
  excludedAgents: 100,
  batchSize: 100,
  graphTasks: 500,
  graphEdges: 5000,
  pageSize: 100,
  claimSize: 10,
  taskTypes: 100,
  /** Results of dependencies handed to a claimer, per task; the rest is named in `omitted`. */
  dependencyResultsBytes: 64 * 1024,
  timeoutSeconds: 7 * 24 * 3600,
  maxAttempts: 100,
} as const;
