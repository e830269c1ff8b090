import * as z from 'zod';
import { limits } from './limits.ts';
import * as nouns from './nouns.ts';
import { operation } from './operation.ts';

const { TaskId, AgentId, Task } = nouns;

/** The fields of a new task, shared by every way to create one. */
export const TaskInput = z.strictObject({
  content: nouns.Content,
  task_type: nouns.Name.default('general').meta({ description: 'A name for the kind of work, to filter by' }),
  priority: nouns.Priority.default('medium').meta({
    description: 'critical goes first; high before medium before low, but nothing waits for ever',
  }),
  requirements: nouns.Requirements.default([]),
  dependencies: z
    .array(TaskId)
    .max(limits.dependencies)
    .default([])
    .meta({ description: 'Ids of tasks that must be completed first; their results come with the task' }),
  routing: nouns.Routing.default('auto').meta({
    description: 'auto: given to the best capable agent as soon as it is ready; manual: waits for assign or claim',
  }),
  not_before: nouns.Instant.optional().meta({ description: 'Do not run it earlier; within 180 days' }),
  timeout_seconds: z
    .int()
    .min(1)
    .max(limits.timeoutSeconds)
    .default(3600)
    .meta({ description: 'How long one attempt may run' }),
  max_attempts: z
    .int()
    .min(1)
    .max(limits.maxAttempts)
    .default(3)
    .meta({ description: 'How many runs may fail before the task has failed' }),
  on_dependency_failure: nouns.DependencyPolicy.default('block').meta({
    description:
      'block: wait until the dependency is retried; cancel: cancel this task too; run_anyway: run without it',
  }),
  metadata: nouns.Metadata.optional().meta({ description: 'Kept with the task and not looked at' }),
  idempotency_key: nouns
    .text(256)
    .optional()
    .meta({ description: 'The same key with the same body gives the same task' }),
});
export type TaskInput = z.infer<typeof TaskInput>;

export const createTask = operation({
  name: 'create_task',
  summary: 'Submit a task',
  description:
    'The task becomes pending when all its dependencies are completed, and is then given to the best capable agent (routing=auto) or waits to be claimed or assigned. The answer comes at once: read the result later with get_task. For tasks that depend on each other use submit_graph.',
  route: 'POST /v1/tasks',
  tool: 'orchestration_create_task',
  scope: 'tasks:create',
  success: 201,
  input: TaskInput,
  output: Task,
  refusals: ['unknown_dependency', 'idempotency_mismatch'],
});

export const getTask = operation({
  name: 'get_task',
  summary: 'Look at one task, with content, result, error and history',
  description:
    'Use it to follow a task and to read its result. To learn why it is not running, use explain_task; for many tasks, query_tasks.',
  route: 'GET /v1/tasks/{task_id}',
  tool: 'orchestration_get_task_status',
  scope: 'read',
  input: z.strictObject({ task_id: TaskId }),
  output: Task,
  refusals: ['task_not_found'],
});

export const queryTasks = operation({
  name: 'query_tasks',
  summary: 'List tasks, filtered, page by page',
  description:
    'A page may hold fewer tasks than the limit, even none, and still have a next_cursor: follow it until it is absent.',
  route: 'GET /v1/tasks',
  tool: 'orchestration_query_tasks',
  scope: 'read',
  input: z.strictObject({
    status: nouns.Status.optional(),
    task_type: nouns.Name.optional(),
    agent_id: AgentId.optional(),
    priority: nouns.Priority.optional(),
    created_after: nouns.InstantOrSeconds.optional(),
    created_before: nouns.InstantOrSeconds.optional(),
    graph_id: nouns.Name.optional(),
    limit: nouns.Limit(50),
    cursor: nouns.Cursor.optional(),
  }),
  output: z.object({ tasks: z.array(nouns.TaskSummary), next_cursor: z.string().optional() }),
  refusals: [],
});

export const cancelTask = operation({
  name: 'cancel_task',
  summary: 'Stop a task, whatever its state',
  description:
    'It takes effect at once; the agent that works on it learns so from its next report. Tasks that depend on it are blocked, cancelled or run, as each of them says in on_dependency_failure.',
  route: 'POST /v1/tasks/{task_id}/cancel',
  tool: 'orchestration_cancel_task',
  effect: 'destroy',
  idempotent: true,
  scope: 'tasks:manage',
  input: z.strictObject({ task_id: TaskId, reason: nouns.Reason.optional() }),
  output: Task,
  refusals: ['task_not_found', 'already_ended'],
});

export const retryTask = operation({
  name: 'retry_task',
  summary: 'Run a failed or cancelled task again',
  description: 'When the cause is mended. Failures with attempts left are tried again without it.',
  route: 'POST /v1/tasks/{task_id}/retry',
  tool: 'orchestration_retry_task',
  scope: 'tasks:manage',
  input: z.strictObject({ task_id: TaskId }),
  output: Task,
  refusals: ['task_not_found', 'not_retryable'],
});

export const createTasks = operation({
  name: 'create_tasks',
  summary: 'Submit up to 100 tasks at once',
  description:
    'Each task is created or refused by itself; the answers come in the same order. Only a task that is not valid refuses them all. With an idempotency_key in each, the batch can be sent again. Tasks that depend on each other belong into submit_graph.',
  route: 'POST /v1/tasks/batch',
  tool: 'orchestration_create_tasks',
  scope: 'tasks:create',
  input: z.strictObject({ tasks: z.array(TaskInput).min(1).max(limits.batchSize) }),
  output: z.object({ results: z.array(z.union([z.object({ task: Task }), z.object({ error: nouns.ProblemBody })])) }),
  refusals: [],
});

const Dependency = z.object({ task_id: TaskId, status: nouns.Status.optional() });

export const explainTask = operation({
  name: 'explain_task',
  summary: 'Why a task is not running: the facts, and one sentence',
  description:
    'Use it first when a task seems stuck: it names the dependency, capability, agent or time that is missing.',
  route: 'GET /v1/tasks/{task_id}/explain',
  tool: 'orchestration_explain_task',
  scope: 'read',
  input: z.strictObject({ task_id: TaskId }),
  output: z.object({
    task_id: TaskId,
    status: nouns.Status,
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
    dependencies: z.array(Dependency).optional().meta({ description: 'Those that are waited for, or that block it' }),
    delayed_until: nouns.Instant.optional(),
    missing_capabilities: z.array(nouns.Capability).optional().meta({ description: 'Required, and no agent has them' }),
    did_you_mean: z
      .record(nouns.Capability, z.array(nouns.Capability))
      .optional()
      .meta({ description: 'For each missing capability, known ones with a similar name' }),
    nearest_agents: z.array(z.object({ agent_id: AgentId, lacks: z.array(nouns.Capability) })).optional(),
    agents: z
      .array(z.object({ agent_id: AgentId, reason: z.enum(['full', 'draining', 'stale', 'excluded']) }))
      .optional()
      .meta({ description: 'The capable agents, and why none of them can be given the task' }),
    position: z
      .int()
      .optional()
      .meta({ description: 'Its position in its lane, from 1; the tasks before it have the same requirements' }),
    held_by: AgentId.optional(),
    held_since: nouns.Instant.optional(),
    lease_expires_at: nouns.Instant.optional(),
  }),
  refusals: ['task_not_found'],
});
