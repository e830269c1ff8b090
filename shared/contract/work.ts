import * as z from 'zod';
import { limits } from './limits.ts';
import * as nouns from './nouns.ts';
import { operation } from './operation.ts';

const { TaskId, AgentId, Attempt, Task } = nouns;

const Holding = z
  .array(z.strictObject({ task_id: TaskId, attempt: Attempt }))
  .max(100)
  .meta({ description: 'Everything that you are working on now' });

export const pollTasks = operation({
  name: 'poll_tasks',
  summary: 'See the tasks an agent holds, or the pending ones in the order they should run',
  description:
    'With agent_id: what that agent holds in that status; for pending, what it could be given, best first. Changes nothing: use claim_tasks to get work.',
  route: 'GET /v1/queue',
  tool: 'orchestration_poll_tasks',
  scope: 'read',
  input: z.strictObject({
    agent_id: AgentId.optional(),
    status: z.enum(['pending', 'assigned', 'running']).default('pending'),
    limit: nouns.Limit(10),
  }),
  output: z.object({ count: z.int(), tasks: z.array(Task.omit({ history: true })) }),
  refusals: ['agent_not_found'],
});

export const assignTask = operation({
  name: 'assign_task',
  summary: 'Give a pending task to a certain agent',
  description:
    'For tasks with routing=manual, or to overrule the router: with routing=auto nothing needs to be assigned. What the router assigned and nobody started may be assigned to another agent. Ignores the wait after a retry. The same agent again gives the same answer.',
  route: 'POST /v1/tasks/{task_id}/assign',
  tool: 'orchestration_assign_task',
  idempotent: true,
  scope: 'tasks:manage',
  input: z.strictObject({
    task_id: TaskId,
    agent_id: AgentId,
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
  summary: 'Ask which agent would be best for a task',
  description:
    'Advises and changes nothing: to give the task to selected_agent, use assign_task. Of a task that is already held it names the holder, unless excluded.',
  route: 'POST /v1/tasks/{task_id}/route',
  tool: 'orchestration_route_task',
  effect: 'read',
  idempotent: true,
  scope: 'read',
  input: z.strictObject({
    task_id: TaskId,
    exclude_agents: z.array(AgentId).max(limits.excludedAgents).default([]),
  }),
  output: z.object({
    task_id: TaskId,
    selected_agent: AgentId.nullable(),
    candidates: z.array(
      z.object({
        agent_id: AgentId,
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
  summary: 'Say that you begin to work on a task assigned to you',
  description:
    'Do it soon: an assigned task that nobody starts goes to another agent. What claim_tasks gave you is started already, unless you asked otherwise.',
  route: 'POST /v1/tasks/{task_id}/start',
  tool: 'orchestration_start_task',
  idempotent: true,
  scope: 'tasks:work',
  input: z.strictObject({ task_id: TaskId, agent_id: AgentId.optional(), attempt: Attempt.optional() }),
  output: Task,
  refusals: ['task_not_found', 'not_assigned', 'not_holder', 'stale_attempt', 'task_cancelled', 'already_ended'],
});

export const completeTask = operation({
  name: 'complete_task',
  summary: 'Report the result of a task that you are working on',
  description:
    'The same completion sent twice is one completion and answers the same. With claim_next, also claims the next tasks.',
  route: 'POST /v1/tasks/{task_id}/complete',
  tool: 'orchestration_complete_task',
  scope: 'tasks:work',
  input: z.strictObject({
    task_id: TaskId,
    result: nouns.Result.optional(),
    metrics: nouns.Metrics.optional(),
    agent_id: AgentId.optional(),
    attempt: Attempt.optional(),
    claim_next: z
      .int()
      .min(0)
      .max(limits.claimSize)
      .default(0)
      .meta({ description: 'How many tasks to claim next, in the same call' }),
    holding: Holding.optional().meta({
      description:
        'With claim_next: everything else that you are working on now, so that tasks of a lost answer are given again',
    }),
  }),
  output: Task.extend({ claimed: z.array(nouns.ClaimedTask).optional() }),
  refusals: ['task_not_found', 'not_running', 'not_holder', 'stale_attempt', 'task_cancelled', 'already_ended'],
});

export const failTask = operation({
  name: 'fail_task',
  summary: 'Report that a task you hold has failed',
  description:
    'With should_retry, it is tried again after a growing wait until max_attempts is reached; otherwise the failure is final. To give back work that is not for you, use release_task.',
  route: 'POST /v1/tasks/{task_id}/fail',
  tool: 'orchestration_fail_task',
  scope: 'tasks:work',
  input: z.strictObject({
    task_id: TaskId,
    error: nouns.ErrorText.meta({ description: 'What went wrong, for whoever has to mend it' }),
    should_retry: z.boolean().default(true).meta({ description: 'false where trying again cannot help' }),
    metrics: nouns.Metrics.optional(),
    agent_id: AgentId.optional(),
    attempt: Attempt.optional(),
  }),
  output: Task,
  refusals: ['task_not_found', 'not_assigned', 'not_holder', 'stale_attempt', 'task_cancelled', 'already_ended'],
});

export const heartbeatTask = operation({
  name: 'heartbeat_task',
  summary: 'Keep the lease of a running task alive and tell its progress',
  description:
    'Call it well before lease_expires_at, again and again while you work: a task whose lease is over goes to another agent.',
  route: 'POST /v1/tasks/{task_id}/heartbeat',
  tool: 'orchestration_heartbeat_task',
  idempotent: true,
  scope: 'tasks:work',
  input: z.strictObject({
    task_id: TaskId,
    agent_id: AgentId.optional(),
    attempt: Attempt.optional(),
    progress: nouns.Progress.optional(),
  }),
  output: z.object({ task_id: TaskId, attempt: z.int(), lease_expires_at: nouns.Instant }),
  refusals: ['task_not_found', 'not_running', 'not_holder', 'stale_attempt', 'task_cancelled', 'already_ended'],
});

export const claimTasks = operation({
  name: 'claim_tasks',
  summary: 'Get work: what is already yours, then the best tasks you can do',
  description:
    'Each task comes with its content, the results of its dependencies, and the attempt to name in every report. Name what you are holding, so that a lost answer is given again.',
  route: 'POST /v1/agents/{agent_id}/claim',
  tool: 'orchestration_claim_tasks',
  scope: 'tasks:work',
  input: z.strictObject({
    agent_id: AgentId,
    limit: z.int().min(1).max(limits.claimSize).default(1),
    start: z.boolean().default(true).meta({ description: 'false: only assign them, you start them later' }),
    holding: Holding.optional(),
  }),
  output: z.object({
    tasks: z.array(nouns.ClaimedTask),
    poll_after_ms: z.int().meta({ description: 'When to ask again, in milliseconds' }),
  }),
  refusals: ['agent_not_found'],
});

export const releaseTask = operation({
  name: 'release_task',
  summary: 'Give back a task that you hold, without using up an attempt',
  description:
    '"Not me": it goes back to pending and is not offered to you again for 10 minutes. With exclude=false, as when you only restart, it may be.',
  route: 'POST /v1/tasks/{task_id}/release',
  tool: 'orchestration_release_task',
  scope: 'tasks:work',
  input: z.strictObject({
    task_id: TaskId,
    reason: nouns.Reason,
    exclude: z.boolean().default(true).describe('false: you may be offered it again at once'),
    agent_id: AgentId.optional(),
    attempt: Attempt.optional(),
  }),
  output: Task,
  refusals: ['task_not_found', 'not_assigned', 'not_holder', 'stale_attempt', 'task_cancelled', 'already_ended'],
});
