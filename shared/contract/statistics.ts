import * as z from 'zod';
import { lazy } from './lazy.ts';
import { AgentId, Capability, Instant, Json } from './nouns.ts';
import { operation } from './operation.ts';

const Rate = lazy(() => z.number().min(0).max(1));

const QueueSummary = lazy(() =>
  z.object({
    waiting: z.int(),
    pending: z.int(),
    assigned: z.int(),
    running: z.int(),
    completed: z.int(),
    failed: z.int(),
    blocked: z.int(),
    cancelled: z.int(),
    total: z.int(),
    success_rate: Rate().meta({ description: 'completed / (completed + failed); 1 without outcomes' }),
    avg_execution_ms: z.number(),
    avg_wait_ms: z.number().meta({ description: 'Mean time from ready to assigned' }),
    oldest_pending_seconds: z.number(),
  }),
);

const MinuteStatistics = lazy(() =>
  z.object({
    minute: Instant().meta({ description: 'When it began' }),
    created: z.int(),
    completed: z.int(),
    failed: z.int(),
    cancelled: z.int(),
  }),
);

export const getQueueStatistics = operation({
  name: 'get_queue_statistics',
  summary: 'Queue statistics: counts by status, rates and times',
  description:
    'completed, failed and cancelled are totals that include deleted tasks. oldest_pending_seconds is how long the task next in line has been ready, the maximum over all lanes.',
  route: 'GET /v1/stats/queue',
  tool: 'orchestration_get_queue_metrics',
  scope: 'read',
  input: () => z.strictObject({}),
  output: () =>
    QueueSummary().extend({
      wait_p50_ms: z.int().meta({
        description:
          'Half of the tasks assigned in the last hour had been ready no longer than this, within 10%; 0 without any',
      }),
      wait_p99_ms: z.int().meta({ description: 'The same for 99 of 100' }),
      per_minute: z.array(MinuteStatistics()).meta({
        description:
          'The last 60 minutes, oldest first; the last one has not ended. A task counts in the minute in which its change was counted.',
      }),
    }),
  refusals: [],
});

export const getAgentStatistics = operation({
  name: 'get_agent_statistics',
  summary: 'Fleet statistics: agents, utilization, success rate and skills',
  description: 'With more than 10 agents it is a snapshot, at most a few minutes old: see as_of.',
  route: 'GET /v1/stats/agents',
  tool: 'orchestration_get_agent_health',
  scope: 'read',
  input: () => z.strictObject({}),
  output: () =>
    z.object({
      total_agents: z.int(),
      available_agents: z.int().meta({ description: 'Agents that can take a task now' }),
      busy_agents: z.int().meta({ description: 'Agents that hold at least one task' }),
      stale_agents: z.int().meta({ description: 'Active agents that are not responding: they get no work' }),
      draining_agents: z
        .int()
        .meta({ description: 'Agents that finish what they hold: draining or being deregistered' }),
      left_agents: z.int().meta({ description: 'Agents that stopped on purpose; not in the averages' }),
      slots_used: z.int().meta({ description: 'Tasks held by agents that have not left' }),
      slots_total: z.int().meta({ description: 'Sum of max_concurrent_tasks, without agents that left' }),
      avg_success_rate: Rate(),
      avg_utilization: Rate(),
      skill_distribution: z
        .record(Capability(), z.int())
        .meta({ description: 'Agents by capability, for the 100 most common ones' }),
      hotspot_agents: z
        .array(AgentId())
        .meta({ description: 'Agents with at least 80% of their slots in use, up to 100 of them' }),
      as_of: Instant().meta({ description: 'When these statistics were made' }),
    }),
  refusals: [],
});

const RoutingStatistics = lazy(() =>
  z.object({
    total_tasks: z.int(),
    assigned_count: z
      .int()
      .meta({ description: 'Tasks that are assigned or running, or that an agent completed or failed' }),
    assignment_rate: Rate().meta({ description: 'assigned_count / total_tasks; 1 without tasks' }),
    should_rebalance: z.boolean(),
    skew: Rate().meta({ description: 'Largest difference in utilization between agents that share a capability' }),
  }),
);

export const getRoutingStatistics = operation({
  name: 'get_routing_statistics',
  summary: 'Routing statistics: assignment rate and balance across agents',
  route: 'GET /v1/stats/routing',
  tool: 'orchestration_get_routing_stats',
  scope: 'read',
  input: () => z.strictObject({}),
  output: RoutingStatistics,
  refusals: [],
});

export const getHealth = operation({
  name: 'get_health',
  summary: 'Check system health: queue, agents and routing',
  description: 'An empty system is healthy.',
  route: 'GET /v1/health',
  tool: 'orchestration_get_health',
  scope: 'read',
  input: () => z.strictObject({}),
  output: () =>
    z.object({
      status: z.enum(['healthy', 'degraded']),
      reasons: z.array(z.string()),
      queue: QueueSummary(),
      agents: getAgentStatistics.output,
      routing: RoutingStatistics(),
    }),
  refusals: [],
});

export const getRecommendations = operation({
  name: 'get_recommendations',
  summary: 'Get recommended actions, with the evidence',
  route: 'GET /v1/recommendations',
  tool: 'orchestration_get_recommendations',
  scope: 'read',
  input: () => z.strictObject({}),
  output: () =>
    z.object({
      recommendations: z.array(
        z.object({
          code: z.enum([
            'imbalance',
            'deep_queue',
            'low_success',
            'no_capable_agent',
            'stale_agents',
            'old_ready_task',
          ]),
          message: z.string(),
          evidence: z.record(z.string(), Json()),
        }),
      ),
    }),
  refusals: [],
});

export const recount = operation({
  name: 'recount',
  summary: 'Recount the open tasks, page by page',
  description:
    'Rebuilds the counts of waiting, blocked, pending, assigned and running tasks while work continues; totals of ended tasks do not change. Starts a recount, or joins the one in progress. Repeat it with next_cursor, about once a second, until there is none. Nothing is read in the first 15 seconds, or until the statistics have caught up.',
  route: 'POST /v1/stats/recount',
  scope: 'keys:manage',
  input: () =>
    z.strictObject({
      cursor: z
        .string()
        .regex(/^[1-9]\d{0,14}$/, 'must be the next_cursor of a response')
        .optional()
        .meta({ description: 'next_cursor of the previous response' }),
    }),
  output: () =>
    z.object({
      tasks: z.int().meta({ description: 'Number of tasks that this call read' }),
      next_cursor: z.string().optional().meta({ description: 'Absent when the counts are rebuilt' }),
    }),
  refusals: [],
});
