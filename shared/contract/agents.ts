import * as z from 'zod';
import { limits } from './limits.ts';
import * as nouns from './nouns.ts';
import { operation } from './operation.ts';

const { AgentId, Agent, AgentHealth, Capability } = nouns;
const Maximum = z.int().min(1).max(100);

export const registerAgent = operation({
  name: 'register_agent',
  summary: 'Register an agent and what it can do',
  description:
    'Needed once before the agent can be given work. Registering again replaces the declared capabilities and the maximum, and keeps the record and what was learned.',
  route: 'POST /v1/agents',
  tool: 'orchestration_register_agent',
  idempotent: true,
  scope: 'agents:write',
  success: 201,
  input: z.strictObject({
    agent_id: AgentId.optional().meta({ description: 'An agent may leave it out: its key names it' }),
    capabilities: z.array(Capability).max(limits.capabilities).default([]),
    max_concurrent_tasks: Maximum.optional().meta({ description: '5 unless given here or in metadata' }),
    metadata: nouns.Metadata.refine(
      (value) =>
        value['max_concurrent_tasks'] === undefined || Maximum.safeParse(value['max_concurrent_tasks']).success,
      { message: 'must be a whole number from 1 to 100', path: ['max_concurrent_tasks'] },
    ).optional(),
  }),
  output: Agent,
  refusals: ['too_many_capabilities'],
});

export const getAgent = operation({
  name: 'get_agent',
  summary: 'Look at one agent: capabilities, load, state and what it holds',
  route: 'GET /v1/agents/{agent_id}',
  tool: 'orchestration_get_agent',
  scope: 'read',
  input: z.strictObject({ agent_id: AgentId }),
  output: Agent,
  refusals: ['agent_not_found'],
});

export const findAgents = operation({
  name: 'find_agents',
  summary: 'Find the agents that have all of certain capabilities',
  description:
    'Without requirements, all agents. Capabilities match exactly: "sql" does not match "nosql". A page may hold fewer agents than the limit, even none, and still have a next_cursor: follow it until it is absent.',
  route: 'GET /v1/agents',
  tool: 'orchestration_find_capable_agents',
  scope: 'read',
  input: z.strictObject({
    requirements: nouns.Requirements.default([]),
    exclude_agents: z.array(AgentId).max(limits.excludedAgents).default([]),
    available: z.boolean().default(false).meta({ description: 'Only agents that could be given a task now' }),
    limit: nouns.Limit(50),
    cursor: nouns.Cursor.optional(),
  }),
  output: z.object({ agents: z.array(Agent), next_cursor: z.string().optional() }),
  refusals: [],
});

export const deregisterAgent = operation({
  name: 'deregister_agent',
  summary: 'Remove an agent; what it held goes back to pending',
  description:
    'To give an agent nothing new but keep it, use drain_agent. An agent that does not exist is no error: deregistered is then false.',
  route: 'DELETE /v1/agents/{agent_id}',
  tool: 'orchestration_deregister_agent',
  scope: 'agents:write',
  input: z.strictObject({ agent_id: AgentId }),
  output: z.object({ agent_id: AgentId, deregistered: z.boolean(), requeued: z.array(nouns.TaskId) }),
  refusals: [],
});

export const learnCapability = operation({
  name: 'learn_capability',
  summary: 'Add a capability that an agent has learned',
  description: 'Waiting work that it can now do is found.',
  route: 'POST /v1/agents/{agent_id}/capabilities',
  tool: 'orchestration_learn_capability',
  idempotent: true,
  scope: 'agents:write',
  input: z.strictObject({
    agent_id: AgentId,
    capability: Capability,
    confidence: z.number().gt(0).max(1).default(1).meta({ description: 'How good the agent is at it, up to 1' }),
  }),
  output: Agent,
  refusals: ['agent_not_found', 'too_many_capabilities'],
});

export const updateAgentPerformance = operation({
  name: 'update_agent_performance',
  summary: 'Record the outcome of work that an agent did outside the queue',
  description: 'Do not call it for tasks of the queue: complete and fail already record theirs.',
  route: 'POST /v1/agents/{agent_id}/performance',
  tool: 'orchestration_update_agent_performance',
  scope: 'tasks:work',
  input: z.strictObject({
    agent_id: AgentId,
    success: z.boolean(),
    duration_ms: z.number().min(0).max(1e12),
    metrics: nouns.Metrics.optional(),
  }),
  output: AgentHealth,
  refusals: ['agent_not_found'],
});

export const getAgentHealth = operation({
  name: 'get_agent_health',
  summary: "See an agent's record, load and state",
  route: 'GET /v1/agents/{agent_id}/health',
  tool: 'orchestration_get_agent_health',
  scope: 'read',
  input: z.strictObject({ agent_id: AgentId }),
  output: AgentHealth,
  refusals: ['agent_not_found'],
});

export const heartbeatAgent = operation({
  name: 'heartbeat_agent',
  summary: 'Say that you are alive and what you are working on',
  description: 'Extends the leases of the running tasks that you name, and tells which of them you have lost and why.',
  route: 'POST /v1/agents/{agent_id}/heartbeat',
  tool: 'orchestration_heartbeat_agent',
  idempotent: true,
  scope: 'tasks:work',
  input: z.strictObject({
    agent_id: AgentId,
    holding: z
      .array(z.strictObject({ task_id: nouns.TaskId, attempt: nouns.Attempt }))
      .max(100)
      .default([]),
  }),
  output: z.object({
    agent_id: AgentId,
    leases: z.array(z.object({ task_id: nouns.TaskId, attempt: z.int(), lease_expires_at: nouns.Instant })),
    lost: z
      .array(z.object({ task_id: nouns.TaskId, attempt: z.int(), code: z.string(), detail: z.string() }))
      .meta({ description: 'Named, but not yours any more: stop working on them' }),
    unnamed: z
      .array(z.object({ task_id: nouns.TaskId, attempt: z.int() }))
      .meta({ description: 'Yours, but not named: claim with holding gives them to you again' }),
  }),
  refusals: ['agent_not_found'],
});

export const drainAgent = operation({
  name: 'drain_agent',
  summary: 'Let an agent finish what it holds and give it nothing new',
  description:
    'It is draining until it is resumed, also when it registers again. With until_registered=true, as when it only restarts, its next registration ends that.',
  route: 'POST /v1/agents/{agent_id}/drain',
  tool: 'orchestration_drain_agent',
  idempotent: true,
  scope: 'agents:write',
  input: z.strictObject({
    agent_id: AgentId,
    until_registered: z.boolean().default(false).describe('It gets work again when it registers again'),
  }),
  output: Agent,
  refusals: ['agent_not_found'],
});

export const resumeAgent = operation({
  name: 'resume_agent',
  summary: 'Let a draining agent get work again',
  route: 'POST /v1/agents/{agent_id}/resume',
  tool: 'orchestration_resume_agent',
  idempotent: true,
  scope: 'agents:write',
  input: z.strictObject({ agent_id: AgentId }),
  output: Agent,
  refusals: ['agent_not_found'],
});
