import * as z from 'zod';
import { limits } from './limits.ts';
import * as nouns from './nouns.ts';
import { operation } from './operation.ts';

const { AgentId, Agent, AgentHealth, Capability, InstanceId, MaxConcurrentTasks } = nouns;

export const registerAgent = operation({
  name: 'register_agent',
  summary: 'Register an agent and its capabilities',
  description:
    'Required once before the agent can receive work. Registering again replaces the declared capabilities and the maximum; the track record and learned capabilities are kept. With an instance, the agent id belongs to one process at a time: another one is refused until the first has stopped or been silent for 60 seconds.',
  route: 'POST /v1/agents',
  tool: 'orchestration_register_agent',
  effect: 'destroy',
  idempotent: true,
  scope: 'agents:write',
  share: 0.05,
  success: 201,
  input: () =>
    z.strictObject({
      agent_id: AgentId().optional().meta({ description: 'Defaults to the agent that the key belongs to' }),
      capabilities: z.array(Capability()).max(limits.capabilities).default([]),
      max_concurrent_tasks: MaxConcurrentTasks().optional().meta({
        description: 'Defaults to metadata.max_concurrent_tasks, or 5; never more than the key allows',
      }),
      metadata: nouns
        .Metadata()
        .refine(
          (value) =>
            value['max_concurrent_tasks'] === undefined ||
            MaxConcurrentTasks().safeParse(value['max_concurrent_tasks']).success,
          { message: 'must be a whole number from 1 to 100', path: ['max_concurrent_tasks'] },
        )
        .optional(),
      instance: InstanceId().optional(),
      host: nouns.text(limits.hostBytes).optional().meta({ description: 'Where the instance runs, shown to others' }),
      takeover: z.boolean().default(false).meta({
        description:
          'Replace the instance that has the agent id: it is refused from then on, and its tasks come to the new one as new attempts',
      }),
    }),
  output: Agent,
  refusals: ['too_many_capabilities', 'agent_in_use', 'capability_not_granted'],
});

export const getAgent = operation({
  name: 'get_agent',
  summary: 'Get an agent: capabilities, load, state and the tasks it holds',
  route: 'GET /v1/agents/{agent_id}',
  tool: 'orchestration_get_agent',
  scope: 'read',
  input: () => z.strictObject({ agent_id: AgentId() }),
  output: Agent,
  refusals: ['agent_not_found'],
});

export const findAgents = operation({
  name: 'find_agents',
  summary: 'Find agents that have all required capabilities',
  description:
    'Without requirements, lists all agents. Capabilities match exactly: "sql" does not match "nosql". A page can have fewer agents than the limit, or none, and still have a next_cursor: continue until next_cursor is absent.',
  route: 'GET /v1/agents',
  tool: 'orchestration_find_capable_agents',
  scope: 'read',
  input: () =>
    z.strictObject({
      requirements: nouns.Requirements().default([]),
      exclude_agents: z.array(AgentId()).max(limits.excludedAgents).default([]),
      available: z.boolean().default(false).meta({ description: 'Only agents that can take a task now' }),
      limit: nouns.Limit(50),
      cursor: nouns.Cursor().optional(),
    }),
  output: () => z.object({ agents: z.array(Agent()), next_cursor: z.string().optional() }),
  refusals: [],
});

export const deregisterAgent = operation({
  name: 'deregister_agent',
  summary: 'Remove an agent and requeue the tasks it holds',
  description:
    'To keep the agent but give it no new tasks, use drain_agent. An unknown agent is not an error: deregistered is false.',
  route: 'DELETE /v1/agents/{agent_id}',
  tool: 'orchestration_deregister_agent',
  scope: 'agents:write',
  input: () => z.strictObject({ agent_id: AgentId() }),
  output: () =>
    z.object({
      agent_id: AgentId(),
      deregistered: z.boolean(),
      state: z.literal('leaving').optional().meta({
        description:
          'The agent gets no more work, but an offer to it is still open: it is removed within minutes, or when the call is repeated after 15 seconds',
      }),
      requeued: z.array(nouns.TaskId()),
    }),
  refusals: [],
});

export const learnCapability = operation({
  name: 'learn_capability',
  summary: 'Add a learned capability to an agent',
  description: 'Pending tasks that match are offered.',
  route: 'POST /v1/agents/{agent_id}/capabilities',
  tool: 'orchestration_learn_capability',
  idempotent: true,
  scope: 'agents:write',
  input: () =>
    z.strictObject({
      agent_id: AgentId(),
      capability: Capability(),
      confidence: z.number().gt(0).max(1).default(1).meta({ description: 'Proficiency, above 0 and up to 1' }),
    }),
  output: Agent,
  refusals: ['agent_not_found', 'too_many_capabilities', 'capability_not_granted'],
});

export const updateAgentPerformance = operation({
  name: 'update_agent_performance',
  summary: 'Record the outcome of work done outside the queue',
  description:
    'Not needed for queued tasks: complete_task and fail_task already record their outcome. With task_id, each outcome counts once: nothing is recorded for a queued task or one that was already reported.',
  route: 'POST /v1/agents/{agent_id}/performance',
  tool: 'orchestration_update_agent_performance',
  scope: 'tasks:work',
  input: () =>
    z.strictObject({
      agent_id: AgentId(),
      success: z.boolean(),
      duration_ms: nouns.DurationMs(),
      metrics: nouns.Metrics().optional(),
      task_id: nouns.TaskId().optional(),
    }),
  output: AgentHealth,
  refusals: ['agent_not_found'],
});

export const getAgentHealth = operation({
  name: 'get_agent_health',
  summary: "Get an agent's track record, load and status",
  route: 'GET /v1/agents/{agent_id}/health',
  tool: 'orchestration_get_agent_health',
  scope: 'read',
  input: () => z.strictObject({ agent_id: AgentId() }),
  output: AgentHealth,
  refusals: ['agent_not_found'],
});

export const heartbeatAgent = operation({
  name: 'heartbeat_agent',
  summary: 'Send an agent heartbeat',
  description:
    'Extends the leases of the running tasks listed in holding, and reports which of them the agent no longer holds and why.',
  route: 'POST /v1/agents/{agent_id}/heartbeat',
  tool: 'orchestration_heartbeat_agent',
  idempotent: true,
  scope: 'tasks:work',
  input: () =>
    z.strictObject({
      agent_id: AgentId(),
      holding: z
        .array(z.strictObject({ task_id: nouns.TaskId(), attempt: nouns.Attempt() }))
        .max(100)
        .default([]),
      instance: InstanceId().optional(),
    }),
  output: () =>
    z.object({
      agent_id: AgentId(),
      leases: z.array(z.object({ task_id: nouns.TaskId(), attempt: z.int(), lease_expires_at: nouns.Instant() })),
      lost: z
        .array(z.object({ task_id: nouns.TaskId(), attempt: z.int(), code: z.string(), detail: z.string() }))
        .meta({ description: 'Listed in holding, but no longer held: stop working on them' }),
      unnamed: z
        .array(z.object({ task_id: nouns.TaskId(), attempt: z.int() }))
        .meta({ description: 'Held, but not listed in holding: claim_tasks with holding redelivers them' }),
    }),
  refusals: ['agent_not_found', 'agent_replaced'],
});

export const drainAgent = operation({
  name: 'drain_agent',
  summary: 'Drain an agent: it finishes the tasks it holds and gets no new ones',
  description:
    'The agent drains until it is resumed, even if it registers again. With until_registered=true (for a restart), its next registration ends the drain.',
  route: 'POST /v1/agents/{agent_id}/drain',
  tool: 'orchestration_drain_agent',
  idempotent: true,
  scope: 'agents:write',
  input: () =>
    z.strictObject({
      agent_id: AgentId(),
      until_registered: z.boolean().default(false).describe('End the drain when the agent registers again'),
      instance: InstanceId().optional().meta({ description: 'Drain only if this instance has the agent id' }),
    }),
  output: Agent,
  refusals: ['agent_not_found', 'agent_replaced'],
});

export const resumeAgent = operation({
  name: 'resume_agent',
  summary: 'Resume a draining agent',
  route: 'POST /v1/agents/{agent_id}/resume',
  tool: 'orchestration_resume_agent',
  idempotent: true,
  scope: 'agents:write',
  input: () => z.strictObject({ agent_id: AgentId() }),
  output: Agent,
  refusals: ['agent_not_found'],
});
