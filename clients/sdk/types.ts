/* Written by `npm run generate` from the table of operations: do not edit. */

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface TaskInput {
  /** The work to do */
  content: string;
  /** Shown in lists; defaults to the first line of content, shortened */
  title?: string | undefined;
  /** Kind of work, for filtering. Default: general */
  task_type?: string | undefined;
  /** critical always runs first; high runs before medium and medium before low, without starvation. Default: medium */
  priority?: Priority | undefined;
  /** Capabilities that an agent needs, all of them */
  requirements?: string[] | undefined;
  /**
   * Ids of tasks that must complete first; their results come with the claimed task. {task_id, on_failure}: a
   * policy other than on_dependency_failure, for this one
   */
  dependencies?: (string | TaskDependency)[] | undefined;
  /**
   * auto: assigned to the best capable agent as soon as it is ready; manual: waits to be assigned or claimed.
   * Default: auto
   */
  routing?: Routing | undefined;
  /** Earliest start, at most 180 days ahead */
  not_before?: string | undefined;
  /** Time limit for one attempt. Default: 3600 */
  timeout_seconds?: number | undefined;
  /** Number of failed or lost runs after which the task fails. Default: 3 */
  max_attempts?: number | undefined;
  /**
   * block: wait for the dependency to be retried; cancel: cancel this task too; run_anyway: run without it.
   * Default: block
   */
  on_dependency_failure?: DependencyPolicy | undefined;
  /** Stored with the task, not interpreted */
  metadata?: Record<string, Json> | undefined;
  /** W3C trace context that the task belongs to; defaults to the traceparent of the request */
  traceparent?: string | undefined;
  /** The same key with the same body returns the same task */
  idempotency_key?: string | undefined;
}

export type Priority = 'low' | 'medium' | 'high' | 'critical';

export interface TaskDependency {
  /** Task id */
  task_id: string;
  on_failure: DependencyPolicy;
}

export type DependencyPolicy = 'block' | 'cancel' | 'run_anyway';

export type Routing = 'auto' | 'manual';

export type Task = {
  /** Task id */
  task_id: string;
  /** As given, or the first line of content; shortened in lists */
  title: string;
  /** Kind of work, for filtering */
  task_type: string;
  priority: Priority;
  requirements: string[];
  routing: Routing;
  attempt: number;
  retry_count: number;
  max_attempts: number;
  timeout_seconds: number;
  on_dependency_failure: DependencyPolicy;
  /** RFC 3339 timestamp */
  not_before?: string | undefined;
  /** RFC 3339 timestamp */
  created_at: string;
  graph_id?: string | undefined;
  content: string;
  dependencies: string[];
  /** For dependencies whose policy is not on_dependency_failure */
  dependency_policies?: Record<string, DependencyPolicy> | undefined;
  metadata?: Record<string, Json> | undefined;
  /** W3C trace context in which it was created */
  traceparent?: string | undefined;
  idempotency_key?: string | undefined;
  history: HistoryEntry[];
} & (
  | {
      assigned_to: null;
      status: 'waiting';
    }
  | {
      assigned_to: null;
      status: 'pending';
      /** RFC 3339 timestamp */
      ready_at: string;
    }
  | {
      /** The agent that holds it, or held it when it ended; null if none */
      assigned_to: string;
      /** RFC 3339 timestamp */
      ready_at: string;
      /** RFC 3339 timestamp */
      assigned_at: string;
      status: 'assigned';
      /** RFC 3339 timestamp */
      lease_expires_at: string;
    }
  | {
      /** The agent that holds it, or held it when it ended; null if none */
      assigned_to: string;
      /** RFC 3339 timestamp */
      ready_at: string;
      /** RFC 3339 timestamp */
      assigned_at: string;
      status: 'running';
      /** RFC 3339 timestamp */
      started_at: string;
      /** RFC 3339 timestamp */
      lease_expires_at: string;
      progress?: TaskProgress | undefined;
    }
  | {
      /** The agent that holds it, or held it when it ended; null if none */
      assigned_to: string;
      /** RFC 3339 timestamp */
      ready_at: string;
      /** RFC 3339 timestamp */
      assigned_at: string;
      status: 'completed';
      /** RFC 3339 timestamp */
      started_at: string;
      /** When it was completed, failed or was cancelled */
      ended_at: string;
      /** RFC 3339 timestamp */
      completed_at: string;
      execution_duration_ms: number;
      /** Any JSON value */
      result?: Json | undefined;
      metrics?: Record<string, Json> | undefined;
    }
  | {
      /** The agent that holds it, or held it when it ended; null if none */
      assigned_to: string;
      /** RFC 3339 timestamp */
      ready_at: string;
      /** RFC 3339 timestamp */
      assigned_at: string;
      status: 'failed';
      /** RFC 3339 timestamp */
      started_at?: string | undefined;
      /** When it was completed, failed or was cancelled */
      ended_at: string;
      /** Why it failed, was cancelled or is blocked, in short */
      reason: string;
      error: string;
      metrics?: Record<string, Json> | undefined;
    }
  | {
      assigned_to: null;
      status: 'blocked';
      /** Why it failed, was cancelled or is blocked, in short */
      reason: string;
    }
  | {
      status: 'cancelled';
      assigned_to: string | null;
      /** RFC 3339 timestamp */
      ready_at?: string | undefined;
      /** RFC 3339 timestamp */
      assigned_at?: string | undefined;
      /** RFC 3339 timestamp */
      started_at?: string | undefined;
      /** When it was completed, failed or was cancelled */
      ended_at: string;
      /** Why it failed, was cancelled or is blocked, in short */
      reason: string;
    }
);

export interface HistoryEntry {
  status: TaskStatus;
  /** RFC 3339 timestamp */
  at: string;
  attempt?: number | undefined;
  /** Agent id */
  agent_id?: string | undefined;
  reason?: string | undefined;
}

export type TaskStatus =
  'waiting' | 'pending' | 'assigned' | 'running' | 'completed' | 'failed' | 'blocked' | 'cancelled';

export interface TaskProgress {
  percent?: number | undefined;
  message?: string | undefined;
}

export interface GetTaskInput {
  /** Task id */
  task_id: string;
}

export interface QueryTasksInput {
  /** One status, or several */
  status?: TaskStatus | TaskStatus[] | undefined;
  /** Kind of work, for filtering */
  task_type?: string | undefined;
  /** Agent id */
  agent_id?: string | undefined;
  priority?: Priority | undefined;
  /** RFC 3339 timestamp, or whole seconds since 1970 */
  created_after?: string | number | undefined;
  /** RFC 3339 timestamp, or whole seconds since 1970 */
  created_before?: string | number | undefined;
  graph_id?: string | undefined;
  /** Default: 50 */
  limit?: number | undefined;
  /** next_cursor of the previous page */
  cursor?: string | undefined;
}

export type TaskSummary = {
  /** Task id */
  task_id: string;
  /** As given, or the first line of content; shortened in lists */
  title: string;
  /** Kind of work, for filtering */
  task_type: string;
  priority: Priority;
  requirements: string[];
  routing: Routing;
  attempt: number;
  retry_count: number;
  max_attempts: number;
  timeout_seconds: number;
  on_dependency_failure: DependencyPolicy;
  /** RFC 3339 timestamp */
  not_before?: string | undefined;
  /** RFC 3339 timestamp */
  created_at: string;
  graph_id?: string | undefined;
} & (
  | {
      assigned_to: null;
      status: 'waiting';
    }
  | {
      assigned_to: null;
      status: 'pending';
      /** RFC 3339 timestamp */
      ready_at: string;
    }
  | {
      /** The agent that holds it, or held it when it ended; null if none */
      assigned_to: string;
      /** RFC 3339 timestamp */
      ready_at: string;
      /** RFC 3339 timestamp */
      assigned_at: string;
      status: 'assigned';
      /** RFC 3339 timestamp */
      lease_expires_at: string;
    }
  | {
      /** The agent that holds it, or held it when it ended; null if none */
      assigned_to: string;
      /** RFC 3339 timestamp */
      ready_at: string;
      /** RFC 3339 timestamp */
      assigned_at: string;
      status: 'running';
      /** RFC 3339 timestamp */
      started_at: string;
      /** RFC 3339 timestamp */
      lease_expires_at: string;
      progress?: TaskProgress | undefined;
    }
  | {
      /** The agent that holds it, or held it when it ended; null if none */
      assigned_to: string;
      /** RFC 3339 timestamp */
      ready_at: string;
      /** RFC 3339 timestamp */
      assigned_at: string;
      status: 'completed';
      /** RFC 3339 timestamp */
      started_at: string;
      /** When it was completed, failed or was cancelled */
      ended_at: string;
      /** RFC 3339 timestamp */
      completed_at: string;
      execution_duration_ms: number;
    }
  | {
      /** The agent that holds it, or held it when it ended; null if none */
      assigned_to: string;
      /** RFC 3339 timestamp */
      ready_at: string;
      /** RFC 3339 timestamp */
      assigned_at: string;
      status: 'failed';
      /** RFC 3339 timestamp */
      started_at?: string | undefined;
      /** When it was completed, failed or was cancelled */
      ended_at: string;
      /** Why it failed, was cancelled or is blocked, in short */
      reason: string;
    }
  | {
      assigned_to: null;
      status: 'blocked';
      /** Why it failed, was cancelled or is blocked, in short */
      reason: string;
    }
  | {
      status: 'cancelled';
      assigned_to: string | null;
      /** RFC 3339 timestamp */
      ready_at?: string | undefined;
      /** RFC 3339 timestamp */
      assigned_at?: string | undefined;
      /** RFC 3339 timestamp */
      started_at?: string | undefined;
      /** When it was completed, failed or was cancelled */
      ended_at: string;
      /** Why it failed, was cancelled or is blocked, in short */
      reason: string;
    }
);

export interface QueryTasksOutput {
  tasks: TaskSummary[];
  next_cursor?: string | undefined;
}

export interface PollTasksInput {
  /** Agent id */
  agent_id?: string | undefined;
  /** Defaults to assigned and running with agent_id, else to pending */
  status?: 'pending' | 'assigned' | 'running' | undefined;
  /** Default: 10 */
  limit?: number | undefined;
}

export type QueuedTask = {
  /** Task id */
  task_id: string;
  /** As given, or the first line of content; shortened in lists */
  title: string;
  /** Kind of work, for filtering */
  task_type: string;
  priority: Priority;
  requirements: string[];
  routing: Routing;
  attempt: number;
  retry_count: number;
  max_attempts: number;
  timeout_seconds: number;
  on_dependency_failure: DependencyPolicy;
  /** RFC 3339 timestamp */
  not_before?: string | undefined;
  /** RFC 3339 timestamp */
  created_at: string;
  graph_id?: string | undefined;
  /** RFC 3339 timestamp */
  ready_at: string;
  content: string;
  dependencies: string[];
  /** For dependencies whose policy is not on_dependency_failure */
  dependency_policies?: Record<string, DependencyPolicy> | undefined;
  metadata?: Record<string, Json> | undefined;
  /** W3C trace context in which it was created */
  traceparent?: string | undefined;
  idempotency_key?: string | undefined;
} & (
  | {
      assigned_to: null;
      status: 'pending';
    }
  | {
      /** The agent that holds it, or held it when it ended; null if none */
      assigned_to: string;
      /** RFC 3339 timestamp */
      assigned_at: string;
      status: 'assigned';
      /** RFC 3339 timestamp */
      lease_expires_at: string;
    }
  | {
      /** The agent that holds it, or held it when it ended; null if none */
      assigned_to: string;
      /** RFC 3339 timestamp */
      assigned_at: string;
      status: 'running';
      /** RFC 3339 timestamp */
      started_at: string;
      /** RFC 3339 timestamp */
      lease_expires_at: string;
      progress?: TaskProgress | undefined;
    }
);

export interface PollTasksOutput {
  count: number;
  tasks: QueuedTask[];
}

export interface AssignTaskInput {
  /** Task id */
  task_id: string;
  /** Agent id */
  agent_id: string;
  /** Assign even if the agent lacks required capabilities. Default: false */
  force?: boolean | undefined;
}

export interface RouteTaskInput {
  /** Task id */
  task_id: string;
  exclude_agents?: string[] | undefined;
}

export interface RouteTaskOutput {
  /** Task id */
  task_id: string;
  selected_agent: string | null;
  candidates: {
    /** Agent id */
    agent_id: string;
    score: number;
    success_rate: number;
    confidence: number;
    load: number;
    max_concurrent_tasks: number;
    available: boolean;
    /** Why it cannot take the task now */
    reason?: string | undefined;
  }[];
  reason: string;
}

export interface StartTaskInput {
  /** Task id */
  task_id: string;
  /** Agent id */
  agent_id?: string | undefined;
  /** The attempt number that came with the task, a fencing token: reports for an earlier attempt are refused */
  attempt?: number | undefined;
  /** Names the process that runs the agent: random, chosen when the process starts */
  instance?: string | undefined;
}

export interface Metrics {
  duration_ms?: number | undefined;
  [name: string]: Json | undefined;
}

export interface HoldingEntry {
  /** Task id */
  task_id: string;
  /** The attempt number that came with the task, a fencing token: reports for an earlier attempt are refused */
  attempt: number;
  /** As it came with the task; saves a read */
  hold?: string | undefined;
}

export interface CompleteTaskInput {
  /** Task id */
  task_id: string;
  /** Any JSON value */
  result?: Json | undefined;
  metrics?: Metrics | undefined;
  /** Agent id */
  agent_id?: string | undefined;
  /** The attempt number that came with the task, a fencing token: reports for an earlier attempt are refused */
  attempt?: number | undefined;
  /** Names the process that runs the agent: random, chosen when the process starts */
  instance?: string | undefined;
  /** Number of tasks to claim in the same call. Default: 0 */
  claim_next?: number | undefined;
  /** With claim_next: every other task that the agent is working on, so that a lost response can be redelivered */
  holding?: HoldingEntry[] | undefined;
  /** With claim_next: claim only tasks of these types */
  task_types?: string[] | undefined;
}

export type ClaimedTask = {
  /** Task id */
  task_id: string;
  /** As given, or the first line of content; shortened in lists */
  title: string;
  /** Kind of work, for filtering */
  task_type: string;
  priority: Priority;
  requirements: string[];
  routing: Routing;
  attempt: number;
  retry_count: number;
  max_attempts: number;
  timeout_seconds: number;
  on_dependency_failure: DependencyPolicy;
  /** RFC 3339 timestamp */
  not_before?: string | undefined;
  /** RFC 3339 timestamp */
  created_at: string;
  graph_id?: string | undefined;
  /** The agent that holds it, or held it when it ended; null if none */
  assigned_to: string;
  /** RFC 3339 timestamp */
  ready_at: string;
  /** RFC 3339 timestamp */
  assigned_at: string;
  /** RFC 3339 timestamp */
  lease_expires_at: string;
  content: string;
  dependencies: string[];
  /** For dependencies whose policy is not on_dependency_failure */
  dependency_policies?: Record<string, DependencyPolicy> | undefined;
  metadata?: Record<string, Json> | undefined;
  /** W3C trace context in which it was created */
  traceparent?: string | undefined;
  idempotency_key?: string | undefined;
  history: HistoryEntry[];
  /** Send it back in `holding` with the next claims */
  hold: string;
  /** Outcomes of the dependencies */
  dependency_results: Record<string, DependencyResult>;
  /** Dependencies whose results were too large to include */
  omitted?: string[] | undefined;
} & (
  | {
      status: 'assigned';
    }
  | {
      status: 'running';
      /** RFC 3339 timestamp */
      started_at: string;
      progress?: TaskProgress | undefined;
    }
);

export interface DependencyResult {
  status: TaskStatus;
  /** Any JSON value */
  result?: Json | undefined;
  error?: string | undefined;
}

export interface CompleteTaskOutput {
  /** Task id */
  task_id: string;
  /** As given, or the first line of content; shortened in lists */
  title: string;
  /** Kind of work, for filtering */
  task_type: string;
  priority: Priority;
  requirements: string[];
  routing: Routing;
  attempt: number;
  retry_count: number;
  max_attempts: number;
  timeout_seconds: number;
  on_dependency_failure: DependencyPolicy;
  /** RFC 3339 timestamp */
  not_before?: string | undefined;
  /** RFC 3339 timestamp */
  created_at: string;
  graph_id?: string | undefined;
  /** The agent that holds it, or held it when it ended; null if none */
  assigned_to: string;
  /** RFC 3339 timestamp */
  ready_at: string;
  /** RFC 3339 timestamp */
  assigned_at: string;
  status: 'completed';
  /** RFC 3339 timestamp */
  started_at: string;
  /** When it was completed, failed or was cancelled */
  ended_at: string;
  /** RFC 3339 timestamp */
  completed_at: string;
  execution_duration_ms: number;
  claimed?: ClaimedTask[] | undefined;
}

export interface FailTaskInput {
  /** Task id */
  task_id: string;
  /** What went wrong; text that is too long is shortened in the middle */
  error: string;
  /** false if retrying cannot help. Default: true */
  should_retry?: boolean | undefined;
  metrics?: Metrics | undefined;
  /** Agent id */
  agent_id?: string | undefined;
  /** The attempt number that came with the task, a fencing token: reports for an earlier attempt are refused */
  attempt?: number | undefined;
  /** Names the process that runs the agent: random, chosen when the process starts */
  instance?: string | undefined;
}

export interface Progress {
  percent?: number | undefined;
  message?: string | undefined;
}

export interface HeartbeatTaskInput {
  /** Task id */
  task_id: string;
  /** Agent id */
  agent_id?: string | undefined;
  /** The attempt number that came with the task, a fencing token: reports for an earlier attempt are refused */
  attempt?: number | undefined;
  /** Names the process that runs the agent: random, chosen when the process starts */
  instance?: string | undefined;
  progress?: Progress | undefined;
}

export interface HeartbeatTaskOutput {
  /** Task id */
  task_id: string;
  attempt: number;
  /** RFC 3339 timestamp */
  lease_expires_at: string;
}

export interface ClaimTasksInput {
  /** Agent id */
  agent_id: string;
  /** Default: 1 */
  limit?: number | undefined;
  /** false: assign the tasks without starting them. Default: true */
  start?: boolean | undefined;
  /** Every task that the agent is working on now */
  holding?: HoldingEntry[] | undefined;
  /** Claim only tasks of these types */
  task_types?: string[] | undefined;
  /** Names the process that runs the agent: random, chosen when the process starts */
  instance?: string | undefined;
}

export interface ClaimTasksOutput {
  tasks: ClaimedTask[];
  /**
   * When to claim again, in milliseconds: 0 after work was found, soon while a task is being assigned to the
   * agent, longer the longer it is idle
   */
  poll_after_ms: number;
}

export interface CancelTaskInput {
  /** Task id */
  task_id: string;
  reason?: string | undefined;
}

export interface RetryTaskInput {
  /** Task id */
  task_id: string;
}

export interface ListDependentsInput {
  /** Task id */
  task_id: string;
  /** Default: 50 */
  limit?: number | undefined;
  /** next_cursor of the previous page */
  cursor?: string | undefined;
}

export interface ListDependentsOutput {
  tasks: TaskSummary[];
  next_cursor?: string | undefined;
}

export interface CancelTasksInput {
  /** One status, or several */
  status?: TaskStatus | TaskStatus[] | undefined;
  /** Kind of work, for filtering */
  task_type?: string | undefined;
  /** Agent id */
  agent_id?: string | undefined;
  priority?: Priority | undefined;
  /** RFC 3339 timestamp, or whole seconds since 1970 */
  created_after?: string | number | undefined;
  /** RFC 3339 timestamp, or whole seconds since 1970 */
  created_before?: string | number | undefined;
  graph_id?: string | undefined;
  /** Change nothing; count what would be changed. Default: false */
  dry_run?: boolean | undefined;
  /** Default: 100 */
  limit?: number | undefined;
  /** next_cursor of the previous page */
  cursor?: string | undefined;
  reason?: string | undefined;
}

export interface CancelTasksOutput {
  changed: number;
  refused: {
    /** Task id */
    task_id: string;
    code: string;
  }[];
  next_cursor?: string | undefined;
}

export interface RetryTasksInput {
  /** One status, or several */
  status?: TaskStatus | TaskStatus[] | undefined;
  /** Kind of work, for filtering */
  task_type?: string | undefined;
  /** Agent id */
  agent_id?: string | undefined;
  priority?: Priority | undefined;
  /** RFC 3339 timestamp, or whole seconds since 1970 */
  created_after?: string | number | undefined;
  /** RFC 3339 timestamp, or whole seconds since 1970 */
  created_before?: string | number | undefined;
  graph_id?: string | undefined;
  /** Change nothing; count what would be changed. Default: false */
  dry_run?: boolean | undefined;
  /** Default: 100 */
  limit?: number | undefined;
  /** next_cursor of the previous page */
  cursor?: string | undefined;
}

export interface RetryTasksOutput {
  changed: number;
  refused: {
    /** Task id */
    task_id: string;
    code: string;
  }[];
  next_cursor?: string | undefined;
}

export interface CreateTasksInput {
  tasks: TaskInput[];
  /** For tasks that have none of their own */
  traceparent?: string | undefined;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance?: string | undefined;
  code:
    | 'not_parsable'
    | 'unsupported_media_type'
    | 'too_large'
    | 'invalid_input'
    | 'invalid_key'
    | 'expired_key'
    | 'revoked_key'
    | 'missing_scope'
    | 'other_agent'
    | 'capability_not_granted'
    | 'task_not_found'
    | 'graph_not_found'
    | 'agent_not_found'
    | 'key_not_found'
    | 'own_key'
    | 'stale_attempt'
    | 'not_holder'
    | 'not_pending'
    | 'not_due'
    | 'not_assigned'
    | 'not_running'
    | 'not_retryable'
    | 'already_held'
    | 'already_ended'
    | 'task_cancelled'
    | 'agent_at_capacity'
    | 'agent_in_use'
    | 'agent_replaced'
    | 'agent_draining'
    | 'too_many_capabilities'
    | 'not_capable'
    | 'too_many_lanes'
    | 'unknown_dependency'
    | 'dependency_cycle'
    | 'idempotency_mismatch'
    | 'too_many_open_tasks'
    | 'throttled'
    | 'unavailable'
    | 'internal';
  hint: string;
  errors?:
    | {
        pointer: string;
        message: string;
      }[]
    | undefined;
}

export interface CreateTasksOutput {
  results: (
    | {
        task: Task;
      }
    | {
        error: Problem;
      }
  )[];
}

export interface ReleaseTaskInput {
  /** Task id */
  task_id: string;
  reason: string;
  /** false: the task can be offered to the same agent again at once. Default: true */
  exclude?: boolean | undefined;
  /** Agent id */
  agent_id?: string | undefined;
  /** The attempt number that came with the task, a fencing token: reports for an earlier attempt are refused */
  attempt?: number | undefined;
  /** Names the process that runs the agent: random, chosen when the process starts */
  instance?: string | undefined;
}

export interface ExplainTaskInput {
  /** Task id */
  task_id: string;
}

export interface ExplainTaskOutput {
  /** Task id */
  task_id: string;
  status: TaskStatus;
  state:
    | 'waiting_on_dependencies'
    | 'blocked_by'
    | 'delayed_until'
    | 'no_capable_agent'
    | 'capable_agents_unavailable'
    | 'ready'
    | 'held'
    | 'ended';
  sentence: string;
  /** Dependencies that the task is waiting for or that block it */
  dependencies?:
    | {
        /** Task id */
        task_id: string;
        status?: TaskStatus | undefined;
      }[]
    | undefined;
  /** RFC 3339 timestamp */
  delayed_until?: string | undefined;
  /** Required capabilities that no agent has */
  missing_capabilities?: string[] | undefined;
  /** Similar known capabilities, for each missing one */
  did_you_mean?: Record<string, string[]> | undefined;
  nearest_agents?:
    | {
        /** Agent id */
        agent_id: string;
        lacks: string[];
      }[]
    | undefined;
  /** The capable agents, and why each is unavailable */
  agents?:
    | {
        /** Agent id */
        agent_id: string;
        reason: 'full' | 'draining' | 'leaving' | 'left' | 'stale' | 'excluded';
      }[]
    | undefined;
  /** Position in its lane, from 1: the tasks ahead have the same requirements */
  position?: number | undefined;
  /** Agent id */
  held_by?: string | undefined;
  /** RFC 3339 timestamp */
  held_since?: string | undefined;
  /** RFC 3339 timestamp */
  lease_expires_at?: string | undefined;
  /** Since the holder was last seen */
  silent_seconds?: number | undefined;
}

export interface GraphTask {
  /** The work to do */
  content: string;
  /** Shown in lists; defaults to the first line of content, shortened */
  title?: string | undefined;
  /** Kind of work, for filtering. Default: general */
  task_type?: string | undefined;
  /** critical always runs first; high runs before medium and medium before low, without starvation. Default: medium */
  priority?: Priority | undefined;
  /** Capabilities that an agent needs, all of them */
  requirements?: string[] | undefined;
  /**
   * Keys of tasks in this graph, or ids of existing tasks. {key, on_failure}: a policy other than
   * on_dependency_failure, for this one
   */
  dependencies?: (string | GraphDependency)[] | undefined;
  /**
   * auto: assigned to the best capable agent as soon as it is ready; manual: waits to be assigned or claimed.
   * Default: auto
   */
  routing?: Routing | undefined;
  /** Earliest start, at most 180 days ahead */
  not_before?: string | undefined;
  /** Time limit for one attempt. Default: 3600 */
  timeout_seconds?: number | undefined;
  /** Number of failed or lost runs after which the task fails. Default: 3 */
  max_attempts?: number | undefined;
  /**
   * block: wait for the dependency to be retried; cancel: cancel this task too; run_anyway: run without it.
   * Default: block
   */
  on_dependency_failure?: DependencyPolicy | undefined;
  /** Stored with the task, not interpreted */
  metadata?: Record<string, Json> | undefined;
  /** W3C trace context that the task belongs to; defaults to the traceparent of the request */
  traceparent?: string | undefined;
  /** Key of the task within its graph */
  key: string;
}

export interface GraphDependency {
  /** Key of the task within its graph */
  key?: string | undefined;
  /** Key of the task within its graph */
  task_id?: string | undefined;
  on_failure: DependencyPolicy;
}

export interface SubmitGraphInput {
  tasks: GraphTask[];
  /** Shown in lists; defaults to the title of the first task */
  title?: string | undefined;
  /** For tasks that have none of their own */
  traceparent?: string | undefined;
  idempotency_key?: string | undefined;
  /** Default: false */
  dry_run?: boolean | undefined;
}

export interface SubmitGraphOutput {
  /** Absent for a dry run */
  graph_id?: string | undefined;
  /** Task ids by key */
  tasks?: Record<string, string> | undefined;
  /** Dry run: a valid execution order */
  order?: string[] | undefined;
  /** Dry run: the longest dependency chain */
  critical_path?: string[] | undefined;
  /** Dry run: tasks whose requirements no registered agent meets */
  unroutable?:
    | {
        /** Key of the task within its graph */
        key: string;
        requirements: string[];
      }[]
    | undefined;
}

export interface GetGraphInput {
  /** Graph id */
  graph_id: string;
}

export interface GetGraphOutput {
  /** Graph id */
  graph_id: string;
  title: string;
  /** RFC 3339 timestamp */
  created_at: string;
  total: number;
  counts: Record<string, number>;
  /** Completed tasks / all tasks, from 0 to 1 */
  done_fraction: number;
  /** Its tasks are being cancelled or retried by cancel_graph or retry_graph */
  under_way?: 'cancel' | 'retry' | undefined;
  /** No task can change without intervention */
  is_settled: boolean;
  tasks: (TaskSummary & {
    /** Key of the task within its graph */
    key: string;
    dependencies: string[];
    /** For dependencies whose policy is not on_dependency_failure */
    dependency_policies?: Record<string, DependencyPolicy> | undefined;
  })[];
}

export interface ListGraphsInput {
  /** Default: 50 */
  limit?: number | undefined;
  /** next_cursor of the previous page */
  cursor?: string | undefined;
}

export interface ListGraphsOutput {
  graphs: {
    /** Graph id */
    graph_id: string;
    title: string;
    /** RFC 3339 timestamp */
    created_at: string;
    total: number;
    counts: Record<string, number>;
    /** Completed tasks / all tasks, from 0 to 1 */
    done_fraction: number;
    /** Its tasks are being cancelled or retried by cancel_graph or retry_graph */
    under_way?: 'cancel' | 'retry' | undefined;
  }[];
  next_cursor?: string | undefined;
}

export interface CancelGraphInput {
  /** Graph id */
  graph_id: string;
  reason?: string | undefined;
}

export interface CancelGraphOutput {
  /** Graph id */
  graph_id: string;
  /** Tasks that were changed */
  changed: number;
  /** Tasks that are still to be changed, which needs no further call. 0: done */
  remaining: number;
}

export interface RetryGraphInput {
  /** Graph id */
  graph_id: string;
}

export interface RetryGraphOutput {
  /** Graph id */
  graph_id: string;
  /** Tasks that were changed */
  changed: number;
  /** Tasks that are still to be changed, which needs no further call. 0: done */
  remaining: number;
}

export interface RegisterAgentInput {
  /** Defaults to the agent that the key belongs to */
  agent_id?: string | undefined;
  capabilities?: string[] | undefined;
  /** Defaults to metadata.max_concurrent_tasks, or 5; never more than the key allows */
  max_concurrent_tasks?: number | undefined;
  metadata?: Record<string, Json> | undefined;
  /** Names the process that runs the agent: random, chosen when the process starts */
  instance?: string | undefined;
  /** Where the instance runs, shown to others */
  host?: string | undefined;
  /**
   * Replace the instance that has the agent id: it is refused from then on, and its tasks come to the new one as
   * new attempts. Default: false
   */
  takeover?: boolean | undefined;
}

export interface Agent {
  /** Agent id */
  agent_id: string;
  /**
   * active: takes work; draining: gets no new work until it is resumed; leaving: being deregistered; left:
   * stopped, gets no work until it registers again
   */
  state: 'active' | 'draining' | 'leaving' | 'left';
  capabilities: {
    /** Capability name */
    name: string;
    /** From 0 to 1: the initial value, adjusted by outcomes */
    confidence: number;
    source: 'declared' | 'learned';
    /** Completed tasks that required it */
    completed: number;
    /** Failed tasks that required it */
    failed: number;
  }[];
  max_concurrent_tasks: number;
  load: number;
  /** Tasks that the agent holds */
  holding: {
    /** Task id */
    task_id: string;
  }[];
  /** The process that runs the agent, if it registered with an instance */
  instance?:
    | {
        /** Names the process that runs the agent: random, chosen when the process starts */
        id: string;
        /** RFC 3339 timestamp */
        since: string;
        host?: string | undefined;
      }
    | undefined;
  metadata?: Record<string, Json> | undefined;
  /** RFC 3339 timestamp */
  registered_at: string;
  health: AgentHealth;
}

export interface AgentHealth {
  /** Agent id */
  agent_id: string;
  status: 'healthy' | 'degraded' | 'stale' | 'draining' | 'left';
  /** completed / (completed + failed); 1 without outcomes */
  success_rate: number;
  /** Mean duration of completed tasks; 0 without outcomes */
  avg_completion_ms: number;
  total_completed: number;
  total_failed: number;
  max_concurrent_tasks: number;
  /** Slots in use */
  load: number;
  /** RFC 3339 timestamp */
  last_seen_at: string;
}

export interface GetAgentInput {
  /** Agent id */
  agent_id: string;
}

export interface FindAgentsInput {
  /** Capabilities that an agent needs, all of them */
  requirements?: string[] | undefined;
  exclude_agents?: string[] | undefined;
  /** Only agents that can take a task now. Default: false */
  available?: boolean | undefined;
  /** Default: 50 */
  limit?: number | undefined;
  /** next_cursor of the previous page */
  cursor?: string | undefined;
}

export interface FindAgentsOutput {
  agents: Agent[];
  next_cursor?: string | undefined;
}

export interface DeregisterAgentInput {
  /** Agent id */
  agent_id: string;
}

export interface DeregisterAgentOutput {
  /** Agent id */
  agent_id: string;
  deregistered: boolean;
  /**
   * The agent gets no more work, but an offer to it is still open: it is removed within minutes, or when the call
   * is repeated after 15 seconds
   */
  state?: 'leaving' | undefined;
  requeued: string[];
}

export interface LearnCapabilityInput {
  /** Agent id */
  agent_id: string;
  /** Capability name */
  capability: string;
  /** Proficiency, above 0 and up to 1. Default: 1 */
  confidence?: number | undefined;
}

export interface UpdateAgentPerformanceInput {
  /** Agent id */
  agent_id: string;
  success: boolean;
  duration_ms: number;
  metrics?: Metrics | undefined;
  /** Task id */
  task_id?: string | undefined;
}

export interface GetAgentHealthInput {
  /** Agent id */
  agent_id: string;
}

export interface HeartbeatAgentInput {
  /** Agent id */
  agent_id: string;
  holding?:
    | {
        /** Task id */
        task_id: string;
        /** The attempt number that came with the task, a fencing token: reports for an earlier attempt are refused */
        attempt: number;
      }[]
    | undefined;
  /** Names the process that runs the agent: random, chosen when the process starts */
  instance?: string | undefined;
}

export interface HeartbeatAgentOutput {
  /** Agent id */
  agent_id: string;
  leases: {
    /** Task id */
    task_id: string;
    attempt: number;
    /** RFC 3339 timestamp */
    lease_expires_at: string;
  }[];
  /** Listed in holding, but no longer held: stop working on them */
  lost: {
    /** Task id */
    task_id: string;
    attempt: number;
    code: string;
    detail: string;
  }[];
  /** Held, but not listed in holding: claim_tasks with holding redelivers them */
  unnamed: {
    /** Task id */
    task_id: string;
    attempt: number;
  }[];
}

export interface DrainAgentInput {
  /** Agent id */
  agent_id: string;
  /** End the drain when the agent registers again. Default: false */
  until_registered?: boolean | undefined;
  /** Drain only if this instance has the agent id */
  instance?: string | undefined;
}

export interface ResumeAgentInput {
  /** Agent id */
  agent_id: string;
}

export type GetQueueStatisticsInput = Record<string, never>;

export interface GetQueueStatisticsOutput {
  waiting: number;
  pending: number;
  assigned: number;
  running: number;
  completed: number;
  failed: number;
  blocked: number;
  cancelled: number;
  total: number;
  /** completed / (completed + failed); 1 without outcomes */
  success_rate: number;
  avg_execution_ms: number;
  /** Mean time from ready to assigned */
  avg_wait_ms: number;
  oldest_pending_seconds: number;
  /** Half of the tasks assigned in the last hour had been ready no longer than this, within 10%; 0 without any */
  wait_p50_ms: number;
  /** The same for 99 of 100 */
  wait_p99_ms: number;
  /**
   * The last 60 minutes, oldest first; the last one has not ended. A task counts in the minute in which its change
   * was counted.
   */
  per_minute: {
    /** When it began */
    minute: string;
    created: number;
    completed: number;
    failed: number;
    cancelled: number;
  }[];
}

export type GetAgentStatisticsInput = Record<string, never>;

export interface GetAgentStatisticsOutput {
  total_agents: number;
  /** Agents that can take a task now */
  available_agents: number;
  /** Agents that hold at least one task */
  busy_agents: number;
  /** Active agents that are not responding: they get no work */
  stale_agents: number;
  /** Agents that finish what they hold: draining or being deregistered */
  draining_agents: number;
  /** Agents that stopped on purpose; not in the averages */
  left_agents: number;
  /** Tasks held by agents that have not left */
  slots_used: number;
  /** Sum of max_concurrent_tasks, without agents that left */
  slots_total: number;
  avg_success_rate: number;
  avg_utilization: number;
  /** Agents by capability, for the 100 most common ones */
  skill_distribution: Record<string, number>;
  /** Agents with at least 80% of their slots in use, up to 100 of them */
  hotspot_agents: string[];
  /** When these statistics were made */
  as_of: string;
}

export type GetRoutingStatisticsInput = Record<string, never>;

export interface GetRoutingStatisticsOutput {
  total_tasks: number;
  /** Tasks that are assigned or running, or that an agent completed or failed */
  assigned_count: number;
  /** assigned_count / total_tasks; 1 without tasks */
  assignment_rate: number;
  should_rebalance: boolean;
  /** Largest difference in utilization between agents that share a capability */
  skew: number;
}

export type GetHealthInput = Record<string, never>;

export interface GetHealthOutput {
  status: 'healthy' | 'degraded';
  reasons: string[];
  queue: {
    waiting: number;
    pending: number;
    assigned: number;
    running: number;
    completed: number;
    failed: number;
    blocked: number;
    cancelled: number;
    total: number;
    /** completed / (completed + failed); 1 without outcomes */
    success_rate: number;
    avg_execution_ms: number;
    /** Mean time from ready to assigned */
    avg_wait_ms: number;
    oldest_pending_seconds: number;
  };
  agents: {
    total_agents: number;
    /** Agents that can take a task now */
    available_agents: number;
    /** Agents that hold at least one task */
    busy_agents: number;
    /** Active agents that are not responding: they get no work */
    stale_agents: number;
    /** Agents that finish what they hold: draining or being deregistered */
    draining_agents: number;
    /** Agents that stopped on purpose; not in the averages */
    left_agents: number;
    /** Tasks held by agents that have not left */
    slots_used: number;
    /** Sum of max_concurrent_tasks, without agents that left */
    slots_total: number;
    avg_success_rate: number;
    avg_utilization: number;
    /** Agents by capability, for the 100 most common ones */
    skill_distribution: Record<string, number>;
    /** Agents with at least 80% of their slots in use, up to 100 of them */
    hotspot_agents: string[];
    /** When these statistics were made */
    as_of: string;
  };
  routing: {
    total_tasks: number;
    /** Tasks that are assigned or running, or that an agent completed or failed */
    assigned_count: number;
    /** assigned_count / total_tasks; 1 without tasks */
    assignment_rate: number;
    should_rebalance: boolean;
    /** Largest difference in utilization between agents that share a capability */
    skew: number;
  };
}

export type GetRecommendationsInput = Record<string, never>;

export interface GetRecommendationsOutput {
  recommendations: {
    code: 'imbalance' | 'deep_queue' | 'low_success' | 'no_capable_agent' | 'stale_agents' | 'old_ready_task';
    message: string;
    evidence: Record<string, Json>;
  }[];
}

export interface RecountInput {
  /** next_cursor of the previous response */
  cursor?: string | undefined;
}

export interface RecountOutput {
  /** Number of tasks that this call read */
  tasks: number;
  /** Absent when the counts are rebuilt */
  next_cursor?: string | undefined;
}

export type Role = 'admin' | 'producer' | 'agent' | 'viewer';

export interface CreateKeyInput {
  role: Role;
  /** The agent that the key belongs to; required for role agent */
  agent_id?: string | undefined;
  /** The only capabilities that the key may register or learn; without it, any. Only for role agent */
  capabilities?: string[] | undefined;
  /** Caps max_concurrent_tasks of what the key registers; without it, 100. Only for role agent */
  max_concurrent_tasks?: number | undefined;
  name?: string | undefined;
  expires_in_days?: number | undefined;
}

export interface CreateKeyOutput {
  key_id: string;
  role: Role;
  /** Agent id */
  agent_id?: string | undefined;
  capabilities?: string[] | undefined;
  max_concurrent_tasks?: number | undefined;
  name?: string | undefined;
  /** RFC 3339 timestamp */
  created_at: string;
  /** RFC 3339 timestamp */
  expires_at?: string | undefined;
  /** RFC 3339 timestamp */
  revoked_at?: string | undefined;
  /** The secret: store it now, it is not shown again */
  key: string;
}

export interface ListKeysInput {
  /** Default: 50 */
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface KeySummary {
  key_id: string;
  role: Role;
  /** Agent id */
  agent_id?: string | undefined;
  capabilities?: string[] | undefined;
  max_concurrent_tasks?: number | undefined;
  name?: string | undefined;
  /** RFC 3339 timestamp */
  created_at: string;
  /** RFC 3339 timestamp */
  expires_at?: string | undefined;
  /** RFC 3339 timestamp */
  revoked_at?: string | undefined;
}

export interface ListKeysOutput {
  keys: KeySummary[];
  next_cursor?: string | undefined;
}

export interface RevokeKeyInput {
  key_id: string;
}

export type GetCallerInput = Record<string, never>;

export interface GetCallerOutput {
  key_id: string;
  /** The name that the key was created with */
  name?: string | undefined;
  role: Role;
  scopes: ('tasks:create' | 'tasks:manage' | 'tasks:work' | 'read' | 'agents:write' | 'keys:manage')[];
  /** The agent that the key belongs to */
  agent_id?: string | undefined;
  /** Name of this deployment, as in its metrics */
  stage: string;
  region: string;
  /** Version of Muster */
  version: string;
}

export type OpenapiInput = Record<string, never>;

export interface OpenapiOutput {
  openapi: string;
  [name: string]: Json | undefined;
}

/** Why a request can be refused: `code` of a Problem. */
export type Code =
  | 'not_parsable'
  | 'unsupported_media_type'
  | 'too_large'
  | 'invalid_input'
  | 'invalid_key'
  | 'expired_key'
  | 'revoked_key'
  | 'missing_scope'
  | 'other_agent'
  | 'capability_not_granted'
  | 'task_not_found'
  | 'graph_not_found'
  | 'agent_not_found'
  | 'key_not_found'
  | 'own_key'
  | 'stale_attempt'
  | 'not_holder'
  | 'not_pending'
  | 'not_due'
  | 'not_assigned'
  | 'not_running'
  | 'not_retryable'
  | 'already_held'
  | 'already_ended'
  | 'task_cancelled'
  | 'agent_at_capacity'
  | 'agent_in_use'
  | 'agent_replaced'
  | 'agent_draining'
  | 'too_many_capabilities'
  | 'not_capable'
  | 'too_many_lanes'
  | 'unknown_dependency'
  | 'dependency_cycle'
  | 'idempotency_mismatch'
  | 'too_many_open_tasks'
  | 'throttled'
  | 'unavailable'
  | 'internal';

/** Input and output of every operation. */
export interface Operations {
  create_task: { input: TaskInput; output: Task };
  get_task: { input: GetTaskInput; output: Task };
  query_tasks: { input: QueryTasksInput; output: QueryTasksOutput };
  poll_tasks: { input: PollTasksInput; output: PollTasksOutput };
  assign_task: { input: AssignTaskInput; output: Task };
  route_task: { input: RouteTaskInput; output: RouteTaskOutput };
  start_task: { input: StartTaskInput; output: Task };
  complete_task: { input: CompleteTaskInput; output: CompleteTaskOutput };
  fail_task: { input: FailTaskInput; output: TaskSummary };
  heartbeat_task: { input: HeartbeatTaskInput; output: HeartbeatTaskOutput };
  claim_tasks: { input: ClaimTasksInput; output: ClaimTasksOutput };
  cancel_task: { input: CancelTaskInput; output: Task };
  retry_task: { input: RetryTaskInput; output: Task };
  list_dependents: { input: ListDependentsInput; output: ListDependentsOutput };
  cancel_tasks: { input: CancelTasksInput; output: CancelTasksOutput };
  retry_tasks: { input: RetryTasksInput; output: RetryTasksOutput };
  create_tasks: { input: CreateTasksInput; output: CreateTasksOutput };
  release_task: { input: ReleaseTaskInput; output: TaskSummary };
  explain_task: { input: ExplainTaskInput; output: ExplainTaskOutput };
  submit_graph: { input: SubmitGraphInput; output: SubmitGraphOutput };
  get_graph: { input: GetGraphInput; output: GetGraphOutput };
  list_graphs: { input: ListGraphsInput; output: ListGraphsOutput };
  cancel_graph: { input: CancelGraphInput; output: CancelGraphOutput };
  retry_graph: { input: RetryGraphInput; output: RetryGraphOutput };
  register_agent: { input: RegisterAgentInput; output: Agent };
  get_agent: { input: GetAgentInput; output: Agent };
  find_agents: { input: FindAgentsInput; output: FindAgentsOutput };
  deregister_agent: { input: DeregisterAgentInput; output: DeregisterAgentOutput };
  learn_capability: { input: LearnCapabilityInput; output: Agent };
  update_agent_performance: { input: UpdateAgentPerformanceInput; output: AgentHealth };
  get_agent_health: { input: GetAgentHealthInput; output: AgentHealth };
  heartbeat_agent: { input: HeartbeatAgentInput; output: HeartbeatAgentOutput };
  drain_agent: { input: DrainAgentInput; output: Agent };
  resume_agent: { input: ResumeAgentInput; output: Agent };
  get_queue_statistics: { input: GetQueueStatisticsInput; output: GetQueueStatisticsOutput };
  get_agent_statistics: { input: GetAgentStatisticsInput; output: GetAgentStatisticsOutput };
  get_routing_statistics: { input: GetRoutingStatisticsInput; output: GetRoutingStatisticsOutput };
  get_health: { input: GetHealthInput; output: GetHealthOutput };
  get_recommendations: { input: GetRecommendationsInput; output: GetRecommendationsOutput };
  recount: { input: RecountInput; output: RecountOutput };
  create_key: { input: CreateKeyInput; output: CreateKeyOutput };
  list_keys: { input: ListKeysInput; output: ListKeysOutput };
  revoke_key: { input: RevokeKeyInput; output: KeySummary };
  get_caller: { input: GetCallerInput; output: GetCallerOutput };
  openapi: { input: OpenapiInput; output: OpenapiOutput };
}
