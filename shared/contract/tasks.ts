import * as z from 'zod';
import { lazy } from './lazy.ts';
import { limits } from './limits.ts';
import * as nouns from './nouns.ts';
import { operation } from './operation.ts';
import { Task, TaskSummary } from './task.ts';

const { TaskId, AgentId } = nouns;

/** A dependency with its own policy, different from the task's on_dependency_failure. */
export const TaskDependency = lazy(() => z.strictObject({ task_id: TaskId(), on_failure: nouns.DependencyPolicy() }));

/** The fields of a new task, shared by every way to create one. */
export const TaskInput = lazy(() =>
  z.strictObject({
    content: nouns.Content(),
    title: nouns.Title().optional(),
    task_type: nouns.TaskType().default('general').meta({ description: 'Kind of work, for filtering' }),
    priority: nouns.Priority().default('medium').meta({
      description: 'critical always runs first; high runs before medium and medium before low, without starvation',
    }),
    requirements: nouns.Requirements().default([]),
    dependencies: z
      .array(z.union([TaskId(), TaskDependency()]))
      .max(limits.dependencies)
      .default([])
      .meta({
        description:
          'Ids of tasks that must complete first; their results come with the claimed task. {task_id, on_failure}: a policy other than on_dependency_failure, for this one',
      }),
    routing: nouns.Routing().default('auto').meta({
      description:
        'auto: assigned to the best capable agent as soon as it is ready; manual: waits to be assigned or claimed',
    }),
    not_before: nouns.Instant().optional().meta({ description: 'Earliest start, at most 180 days ahead' }),
    timeout_seconds: z
      .int()
      .min(1)
      .max(limits.timeoutSeconds)
      .default(3600)
      .meta({ description: 'Time limit for one attempt' }),
    max_attempts: z
      .int()
      .min(1)
      .max(limits.maxAttempts)
      .default(3)
      .meta({ description: 'Number of failed or lost runs after which the task fails' }),
    on_dependency_failure: nouns.DependencyPolicy().default('block').meta({
      description:
        'block: wait for the dependency to be retried; cancel: cancel this task too; run_anyway: run without it',
    }),
    metadata: nouns.Metadata().optional().meta({ description: 'Stored with the task, not interpreted' }),
    traceparent: nouns.Traceparent().optional(),
    idempotency_key: nouns
      .text(256)
      .optional()
      .meta({ description: 'The same key with the same body returns the same task' }),
  }),
);
export type TaskInput = z.infer<ReturnType<typeof TaskInput>>;

export const createTask = operation({
  name: 'create_task',
  summary: 'Submit a task',
  description:
    'The task becomes pending when all its dependencies are completed; it is then assigned to the best capable agent (routing=auto) or waits to be claimed or assigned. Returns at once: read the result later with get_task. For tasks that depend on each other, use submit_graph.',
  route: 'POST /v1/tasks',
  tool: 'orchestration_create_task',
  scope: 'tasks:create',
  share: 0.15,
  success: 201,
  input: TaskInput,
  output: Task,
  refusals: ['too_many_open_tasks', 'unknown_dependency', 'too_many_lanes', 'idempotency_mismatch'],
});

export const getTask = operation({
  name: 'get_task',
  summary: 'Get a task with its content, result, error and history',
  description:
    'Use it to follow a task and read its result. To find out why a task is not running, use explain_task; to list tasks, use query_tasks.',
  route: 'GET /v1/tasks/{task_id}',
  tool: 'orchestration_get_task_status',
  scope: 'read',
  share: 0.1,
  input: () => z.strictObject({ task_id: TaskId() }),
  output: Task,
  refusals: ['task_not_found'],
});

/** Selects the tasks that match every given field. */
export const TaskFilter = lazy(() =>
  z.strictObject({
    status: nouns.Statuses().optional().meta({ description: 'One status, or several' }),
    task_type: nouns.TaskType().optional(),
    agent_id: AgentId().optional(),
    priority: nouns.Priority().optional(),
    created_after: nouns.InstantOrSeconds().optional(),
    created_before: nouns.InstantOrSeconds().optional(),
    graph_id: nouns.Name().optional(),
  }),
);
export type TaskFilter = z.output<ReturnType<typeof TaskFilter>>;

export const queryTasks = operation({
  name: 'query_tasks',
  summary: 'List tasks, with filters and paging',
  description:
    'Waiting and blocked tasks come first, then delayed, assigned and running ones, then ready ones, then ended ones from the newest end on; each page is sorted newest first, by ended_at or else created_at. A page can have fewer tasks than the limit, or none, and still have a next_cursor: continue until next_cursor is absent. A task that exists throughout the listing appears at least once, unless it moves back (is retried or released) each time just before the listing, which looks twice, reaches it. A task that moves may appear twice: drop the repeats.',
  route: 'GET /v1/tasks',
  tool: 'orchestration_query_tasks',
  scope: 'read',
  share: 0.03,
  input: () => TaskFilter().extend({ limit: nouns.Limit(50), cursor: nouns.Cursor().optional() }),
  output: () => z.object({ tasks: z.array(TaskSummary()), next_cursor: z.string().optional() }),
  refusals: [],
});

export const listDependents = operation({
  name: 'list_dependents',
  summary: 'List the tasks that depend on a task',
  route: 'GET /v1/tasks/{task_id}/dependents',
  tool: 'orchestration_list_dependents',
  scope: 'read',
  input: () => z.strictObject({ task_id: TaskId(), limit: nouns.Limit(50), cursor: nouns.Cursor().optional() }),
  output: () => z.object({ tasks: z.array(TaskSummary()), next_cursor: z.string().optional() }),
  refusals: ['task_not_found'],
});

/** The input of bulk operations, beside the filter, and their output. */
const bulkInput = lazy(() => ({
  dry_run: z.boolean().default(false).meta({ description: 'Change nothing; count what would be changed' }),
  limit: nouns.Limit(100),
  cursor: nouns.Cursor().optional(),
}));
const BulkOutcome = lazy(() =>
  z.object({
    changed: z.int(),
    refused: z.array(z.object({ task_id: TaskId(), code: z.string() })),
    next_cursor: z.string().optional(),
  }),
);

export const cancelTasks = operation({
  name: 'cancel_tasks',
  summary: 'Cancel the open tasks that match a filter',
  description: 'Repeat with next_cursor until it is absent. For a whole graph, use cancel_graph.',
  route: 'POST /v1/tasks/cancel',
  tool: 'orchestration_cancel_tasks',
  effect: 'destroy',
  idempotent: true,
  scope: 'tasks:manage',
  input: () => TaskFilter().extend({ ...bulkInput(), reason: nouns.Reason().optional() }),
  output: BulkOutcome,
  refusals: [],
});

export const retryTasks = operation({
  name: 'retry_tasks',
  summary: 'Retry the failed and cancelled tasks that match a filter',
  description: 'Repeat with next_cursor until it is absent. For a whole graph, use retry_graph.',
  route: 'POST /v1/tasks/retry',
  tool: 'orchestration_retry_tasks',
  scope: 'tasks:manage',
  input: () => TaskFilter().extend(bulkInput()),
  output: BulkOutcome,
  refusals: [],
});

export const cancelTask = operation({
  name: 'cancel_task',
  summary: 'Cancel a task that has not ended',
  description:
    'Takes effect at once; an agent working on the task finds out from its next report. Dependents are blocked, cancelled or run, according to their on_dependency_failure.',
  route: 'POST /v1/tasks/{task_id}/cancel',
  tool: 'orchestration_cancel_task',
  effect: 'destroy',
  idempotent: true,
  scope: 'tasks:manage',
  share: 0.02,
  input: () => z.strictObject({ task_id: TaskId(), reason: nouns.Reason().optional() }),
  output: Task,
  refusals: ['task_not_found', 'already_ended'],
});

export const retryTask = operation({
  name: 'retry_task',
  summary: 'Retry a failed or cancelled task',
  description: 'Use it after fixing the cause. Failed runs with attempts left are retried automatically.',
  route: 'POST /v1/tasks/{task_id}/retry',
  tool: 'orchestration_retry_task',
  scope: 'tasks:manage',
  input: () => z.strictObject({ task_id: TaskId() }),
  output: Task,
  refusals: ['task_not_found', 'not_retryable'],
});

export const createTasks = operation({
  name: 'create_tasks',
  summary: 'Submit up to 100 tasks at once',
  description:
    'Each task is created or refused individually; results are in the order of the tasks. One invalid task refuses the whole batch. With an idempotency_key on each task, it is safe to send the batch again. For tasks that depend on each other, use submit_graph.',
  route: 'POST /v1/tasks/batch',
  tool: 'orchestration_create_tasks',
  scope: 'tasks:create',
  share: 0.02,
  input: () =>
    z.strictObject({
      tasks: z.array(TaskInput()).min(1).max(limits.batchSize),
      traceparent: nouns.Traceparent().optional().meta({ description: 'For tasks that have none of their own' }),
    }),
  output: () =>
    z.object({ results: z.array(z.union([z.object({ task: Task() }), z.object({ error: nouns.ProblemBody() })])) }),
  refusals: ['too_many_open_tasks'],
});

const Dependency = lazy(() => z.object({ task_id: TaskId(), status: nouns.Status().optional() }));

export const explainTask = operation({
  name: 'explain_task',
  summary: 'Explain why a task is not running',
  description:
    'Start here when a task seems stuck: it names the missing dependency, capability, agent or time, in facts and one sentence.',
  route: 'GET /v1/tasks/{task_id}/explain',
  tool: 'orchestration_explain_task',
  scope: 'read',
  input: () => z.strictObject({ task_id: TaskId() }),
  output: () =>
    z.object({
      task_id: TaskId(),
      status: nouns.Status(),
      state: z.enum([
        'waiting_on_dependencies',
        'blocked_by',
        'delayed_until',
        'no_capable_agent',
        'capable_agents_unavailable',
        'ready',
        'held',
        'ended',
      ]),
      sentence: z.string(),
      dependencies: z
        .array(Dependency())
        .optional()
        .meta({ description: 'Dependencies that the task is waiting for or that block it' }),
      delayed_until: nouns.Instant().optional(),
      missing_capabilities: z
        .array(nouns.Capability())
        .optional()
        .meta({ description: 'Required capabilities that no agent has' }),
      did_you_mean: z
        .record(nouns.Capability(), z.array(nouns.Capability()))
        .optional()
        .meta({ description: 'Similar known capabilities, for each missing one' }),
      nearest_agents: z.array(z.object({ agent_id: AgentId(), lacks: z.array(nouns.Capability()) })).optional(),
      agents: z
        .array(
          z.object({
            agent_id: AgentId(),
            reason: z.enum(['full', 'draining', 'leaving', 'left', 'stale', 'excluded']),
          }),
        )
        .optional()
        .meta({ description: 'The capable agents, and why each is unavailable' }),
      position: z
        .int()
        .optional()
        .meta({ description: 'Position in its lane, from 1: the tasks ahead have the same requirements' }),
      held_by: AgentId().optional(),
      held_since: nouns.Instant().optional(),
      lease_expires_at: nouns.Instant().optional(),
      silent_seconds: z.int().optional().meta({ description: 'Since the holder was last seen' }),
    }),
  refusals: ['task_not_found'],
});
