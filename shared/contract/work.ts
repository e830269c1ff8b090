import * as z from 'zod';
import { lazy } from './lazy.ts';
import { limits } from './limits.ts';
import * as nouns from './nouns.ts';
import { operation } from './operation.ts';
import { ClaimedTask, CompletedSummary, HoldToken, QueuedTask, Task, TaskSummary } from './task.ts';

const { TaskId, AgentId, Attempt, InstanceId } = nouns;

const HoldingEntry = lazy(() =>
  z
    .strictObject({
      task_id: TaskId(),
      attempt: Attempt(),
      hold: HoldToken().optional().meta({ description: 'As it came with the task; saves a read' }),
    })
    .meta({ id: 'HoldingEntry' }),
);

const Holding = lazy(() =>
  z.array(HoldingEntry()).max(100).meta({ description: 'Every task that the agent is working on now' }),
);

const TaskTypes = lazy(() =>
  z.array(nouns.TaskType()).min(1).max(limits.taskTypes).meta({ description: 'Claim only tasks of these types' }),
);

export const pollTasks = operation({
  name: 'poll_tasks',
  summary: "List an agent's tasks, or pending tasks in the order they should run",
  description:
    'With agent_id: the tasks that the agent holds, assigned and running; with status=pending, the tasks it could take, best first. Without agent_id: all pending tasks. Read-only: use claim_tasks to get work.',
  route: 'GET /v1/queue',
  tool: 'orchestration_poll_tasks',
  scope: 'read',
  share: 1,
  input: () =>
    z.strictObject({
      agent_id: AgentId().optional(),
      status: z
        .enum(['pending', 'assigned', 'running'])
        .optional()
        .meta({ description: 'Defaults to assigned and running with agent_id, else to pending' }),
      limit: nouns.Limit(10),
    }),
  output: () => z.object({ count: z.int(), tasks: z.array(QueuedTask()) }),
  refusals: ['agent_not_found'],
});

export const assignTask = operation({
  name: 'assign_task',
  summary: 'Assign a pending task to a specific agent',
  description:
    'For tasks with routing=manual, or to override the router: tasks with routing=auto are assigned automatically. A task that the router assigned can be reassigned until it is started. Ignores the retry delay. Repeating the call with the same agent returns the same response.',
  route: 'POST /v1/tasks/{task_id}/assign',
  tool: 'orchestration_assign_task',
  idempotent: true,
  scope: 'tasks:manage',
  share: 0.03,
  input: () =>
    z.strictObject({
      task_id: TaskId(),
      agent_id: AgentId(),
      force: z.boolean().default(false).meta({ description: 'Assign even if the agent lacks required capabilities' }),
    }),
  output: Task,
  refusals: [
    'task_not_found',
    'agent_not_found',
    'not_capable',
    'agent_at_capacity',
    'agent_draining',
    'already_held',
    'not_pending',
    'not_due',
    'already_ended',
  ],
});

export const routeTask = operation({
  name: 'route_task',
  summary: 'Recommend an agent for a task',
  description:
    'Read-only: to assign the task to selected_agent, use assign_task. For a task that is already held, selected_agent is the holder, unless excluded.',
  route: 'POST /v1/tasks/{task_id}/route',
  tool: 'orchestration_route_task',
  effect: 'read',
  idempotent: true,
  scope: 'read',
  share: 0.05,
  input: () =>
    z.strictObject({
      task_id: TaskId(),
      exclude_agents: z.array(AgentId()).max(limits.excludedAgents).default([]),
    }),
  output: () =>
    z.object({
      task_id: TaskId(),
      selected_agent: AgentId().nullable(),
      candidates: z.array(
        z.object({
          agent_id: AgentId(),
          score: z.number(),
          success_rate: z.number(),
          confidence: z.number(),
          load: z.int(),
          max_concurrent_tasks: z.int(),
          available: z.boolean(),
          reason: z.string().optional().meta({ description: 'Why it cannot take the task now' }),
        }),
      ),
      reason: z.string(),
    }),
  refusals: ['task_not_found'],
});

export const startTask = operation({
  name: 'start_task',
  summary: 'Start an assigned task',
  description:
    'Call it promptly: an assigned task that is not started goes to another agent. Tasks from claim_tasks are already started, unless start was false.',
  route: 'POST /v1/tasks/{task_id}/start',
  tool: 'orchestration_start_task',
  idempotent: true,
  scope: 'tasks:work',
  input: () =>
    z.strictObject({
      task_id: TaskId(),
      agent_id: AgentId().optional(),
      attempt: Attempt().optional(),
      instance: InstanceId().optional(),
    }),
  output: Task,
  refusals: [
    'task_not_found',
    'not_assigned',
    'not_holder',
    'stale_attempt',
    'task_cancelled',
    'already_ended',
    'agent_in_use',
    'agent_replaced',
  ],
});

export const completeTask = operation({
  name: 'complete_task',
  summary: 'Complete a running task and report its result',
  description:
    'Safe to repeat: the same completion counts once and returns the same response. With claim_next, also claims the next tasks, which may be dependents that this completion releases.',
  route: 'POST /v1/tasks/{task_id}/complete',
  tool: 'orchestration_complete_task',
  scope: 'tasks:work',
  input: () =>
    z.strictObject({
      task_id: TaskId(),
      result: nouns.Result().optional(),
      metrics: nouns.Metrics().optional(),
      agent_id: AgentId().optional(),
      attempt: Attempt().optional(),
      instance: InstanceId().optional(),
      claim_next: z
        .int()
        .min(0)
        .max(limits.claimSize)
        .default(0)
        .meta({ description: 'Number of tasks to claim in the same call' }),
      holding: Holding().optional().meta({
        description:
          'With claim_next: every other task that the agent is working on, so that a lost response can be redelivered',
      }),
      task_types: TaskTypes().optional().meta({ description: 'With claim_next: claim only tasks of these types' }),
    }),
  output: () => CompletedSummary().extend({ claimed: z.array(ClaimedTask()).optional() }),
  refusals: ['task_not_found', 'not_running', 'not_holder', 'stale_attempt', 'task_cancelled', 'already_ended'],
});

export const failTask = operation({
  name: 'fail_task',
  summary: 'Report that a held task failed',
  description:
    'With should_retry, the task is retried with backoff until max_attempts is reached; otherwise it fails permanently. To return a task without a failure, use release_task.',
  route: 'POST /v1/tasks/{task_id}/fail',
  tool: 'orchestration_fail_task',
  scope: 'tasks:work',
  input: () =>
    z.strictObject({
      task_id: TaskId(),
      error: nouns
        .ErrorText()
        .meta({ description: 'What went wrong; text that is too long is shortened in the middle' }),
      should_retry: z.boolean().default(true).meta({ description: 'false if retrying cannot help' }),
      metrics: nouns.Metrics().optional(),
      agent_id: AgentId().optional(),
      attempt: Attempt().optional(),
      instance: InstanceId().optional(),
    }),
  output: TaskSummary,
  refusals: ['task_not_found', 'not_assigned', 'not_holder', 'stale_attempt', 'task_cancelled', 'already_ended'],
});

export const heartbeatTask = operation({
  name: 'heartbeat_task',
  summary: 'Extend the lease and report progress',
  description:
    'Call it regularly while working, well before lease_expires_at: a task whose lease expires goes to another agent.',
  route: 'POST /v1/tasks/{task_id}/heartbeat',
  tool: 'orchestration_heartbeat_task',
  idempotent: true,
  scope: 'tasks:work',
  input: () =>
    z.strictObject({
      task_id: TaskId(),
      agent_id: AgentId().optional(),
      attempt: Attempt().optional(),
      instance: InstanceId().optional(),
      progress: nouns.Progress().optional(),
    }),
  output: () => z.object({ task_id: TaskId(), attempt: z.int(), lease_expires_at: nouns.Instant() }),
  refusals: [
    'task_not_found',
    'not_running',
    'not_holder',
    'stale_attempt',
    'task_cancelled',
    'already_ended',
    'agent_replaced',
  ],
});

export const claimTasks = operation({
  name: 'claim_tasks',
  summary: 'Claim work: tasks already assigned to the agent, then the best matching tasks',
  description:
    'Each task comes with its content, the results of its dependencies and the attempt to send with every report. List the current tasks in holding, so that a lost response can be redelivered. An agent that registered with an instance names it here and in every report: tasks that an earlier instance held come as a new attempt.',
  route: 'POST /v1/agents/{agent_id}/claim',
  tool: 'orchestration_claim_tasks',
  scope: 'tasks:work',
  input: () =>
    z.strictObject({
      agent_id: AgentId(),
      limit: z.int().min(1).max(limits.claimSize).default(1),
      start: z.boolean().default(true).meta({ description: 'false: assign the tasks without starting them' }),
      holding: Holding().optional(),
      task_types: TaskTypes().optional(),
      instance: InstanceId().optional(),
    }),
  output: () =>
    z.object({
      tasks: z.array(ClaimedTask()),
      poll_after_ms: z.int().meta({
        description:
          'When to claim again, in milliseconds: 0 after work was found, soon while a task is being assigned to the agent, longer the longer it is idle',
      }),
    }),
  refusals: ['agent_not_found', 'agent_in_use', 'agent_replaced'],
});

export const releaseTask = operation({
  name: 'release_task',
  summary: 'Release a held task without using up an attempt',
  description:
    'The task goes back to pending and is not offered to the same agent for 10 minutes. With exclude=false (for a restart), it can be offered again at once.',
  route: 'POST /v1/tasks/{task_id}/release',
  tool: 'orchestration_release_task',
  scope: 'tasks:work',
  input: () =>
    z.strictObject({
      task_id: TaskId(),
      reason: nouns.Reason(),
      exclude: z.boolean().default(true).describe('false: the task can be offered to the same agent again at once'),
      agent_id: AgentId().optional(),
      attempt: Attempt().optional(),
      instance: InstanceId().optional(),
    }),
  output: TaskSummary,
  refusals: ['task_not_found', 'not_assigned', 'not_holder', 'stale_attempt', 'task_cancelled', 'already_ended'],
});
