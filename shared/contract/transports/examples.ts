import type * as z from 'zod';
import type { Agent, AgentHealth } from '../nouns.ts';
import type { operations } from '../operations.ts';
import type { ClaimedTask, Task, TaskSummary } from '../task.ts';

type ExampleRow = (typeof operations)[number];
type Examples = {
  [Name in Exclude<ExampleRow['name'], 'openapi'>]: {
    input: z.input<Extract<ExampleRow, { name: Name }>['input']>;
    output: z.output<Extract<ExampleRow, { name: Name }>['output']>;
  };
};

const task_id = '01KAPV5GQX8D5T9W3YB7R2M4ZC';
const survey_id = '01KAPV4Z0B6Q2H8N5J3M7T9XWE';
const graph_id = '01KAPV4Z0B6Q2H8N5J3M7T9XWD';
const agent_id = 'researcher_bot';
const exampleTime = (time: string) => `2026-11-10T09:${time}Z`;

const payload = {
  content: 'Summarize what the survey found about asyncio patterns',
  dependencies: [survey_id],
};

const exampleSummary: TaskSummary = {
  task_id,
  title: 'Summarize what the survey found about asyncio patterns',
  task_type: 'research',
  status: 'pending',
  priority: 'high',
  requirements: ['python', 'web'],
  routing: 'auto',
  assigned_to: null,
  attempt: 0,
  retry_count: 0,
  max_attempts: 3,
  timeout_seconds: 3600,
  on_dependency_failure: 'block',
  created_at: exampleTime('00:00.000'),
  ready_at: exampleTime('00:05.120'),
};

const pending: Task = {
  ...exampleSummary,
  ...payload,
  history: [
    { status: 'waiting', at: exampleTime('00:00.000') },
    { status: 'pending', at: exampleTime('00:05.120') },
  ],
};

const assigned: Task = {
  ...pending,
  status: 'assigned',
  assigned_to: agent_id,
  attempt: 1,
  assigned_at: exampleTime('00:05.300'),
  lease_expires_at: exampleTime('02:05.300'),
  history: [...pending.history, { status: 'assigned', at: exampleTime('00:05.300'), attempt: 1, agent_id }],
};

const running: Task = {
  ...assigned,
  status: 'running',
  started_at: exampleTime('00:06.000'),
  lease_expires_at: exampleTime('05:06.000'),
  history: [...assigned.history, { status: 'running', at: exampleTime('00:06.000'), attempt: 1, agent_id }],
};

const completed: Task = {
  ...running,
  status: 'completed',
  ended_at: exampleTime('00:08.500'),
  completed_at: exampleTime('00:08.500'),
  execution_duration_ms: 2500,
  result: { patterns: 5 },
  metrics: { duration_ms: 2500, rows_processed: 100 },
  history: [...running.history, { status: 'completed', at: exampleTime('00:08.500'), attempt: 1, agent_id }],
};

const completedSummary: TaskSummary = {
  ...exampleSummary,
  status: 'completed',
  assigned_to: agent_id,
  attempt: 1,
  assigned_at: exampleTime('00:05.300'),
  started_at: exampleTime('00:06.000'),
  ended_at: exampleTime('00:08.500'),
  completed_at: exampleTime('00:08.500'),
  execution_duration_ms: 2500,
};

const claimed: ClaimedTask = {
  ...running,
  hold: 'mhx3k2q8.J7fQ2mXw',
  dependency_results: { [survey_id]: { status: 'completed', result: { sources: 12 } } },
};

const health: AgentHealth = {
  agent_id,
  status: 'healthy',
  success_rate: 0.96,
  avg_completion_ms: 2400,
  total_completed: 24,
  total_failed: 1,
  max_concurrent_tasks: 5,
  load: 1,
  last_seen_at: exampleTime('00:06.000'),
};

const agent: Agent = {
  agent_id,
  state: 'active',
  capabilities: [
    { name: 'python', confidence: 1, source: 'declared', completed: 0, failed: 0 },
    { name: 'web', confidence: 1, source: 'declared', completed: 0, failed: 0 },
  ],
  max_concurrent_tasks: 5,
  load: 1,
  holding: [{ task_id }],
  registered_at: exampleTime('00:00.000'),
  health,
};

const key = {
  key_id: 'a1b2c3d4e5f6',
  role: 'agent' as const,
  agent_id,
  name: "Ada's laptop",
  created_at: exampleTime('00:00.000'),
  expires_at: '2027-02-08T09:00:00.000Z',
};

const queue = {
  waiting: 3,
  pending: 1,
  assigned: 1,
  running: 4,
  completed: 120,
  failed: 2,
  blocked: 0,
  cancelled: 1,
  total: 132,
  success_rate: 0.984,
  avg_execution_ms: 2400,
  avg_wait_ms: 180,
  oldest_pending_seconds: 0.4,
};

const lastHour = {
  wait_p50_ms: 120,
  wait_p99_ms: 950,
  per_minute: [
    { minute: exampleTime('00:00.000'), created: 4, completed: 3, failed: 0, cancelled: 0 },
    { minute: exampleTime('01:00.000'), created: 1, completed: 2, failed: 1, cancelled: 0 },
  ],
};

const fleet = {
  total_agents: 2,
  available_agents: 2,
  busy_agents: 1,
  stale_agents: 0,
  draining_agents: 0,
  left_agents: 0,
  slots_used: 1,
  slots_total: 5,
  avg_success_rate: 0.98,
  avg_utilization: 0.1,
  skill_distribution: { python: 2, web: 1, data_analysis: 1 },
  hotspot_agents: [],
  as_of: exampleTime('00:00.000'),
};

const routing = { total_tasks: 132, assigned_count: 127, assignment_rate: 0.962, should_rebalance: false, skew: 0.2 };

/** A request and response for each operation, for the OpenAPI document; a test checks them against the schemas. */
export const examples: Examples = {
  create_task: {
    input: {
      content: payload.content,
      task_type: 'research',
      priority: 'high',
      requirements: ['python', 'web'],
      dependencies: [survey_id],
      idempotency_key: 'weekly-report-46',
    },
    output: { ...pending, status: 'waiting', history: pending.history.slice(0, 1) },
  },
  get_task: { input: { task_id }, output: completed },
  query_tasks: { input: { status: 'pending', task_type: 'research' }, output: { tasks: [exampleSummary] } },
  poll_tasks: { input: { agent_id, limit: 10 }, output: { count: 1, tasks: [{ ...exampleSummary, ...payload }] } },
  assign_task: { input: { task_id, agent_id }, output: assigned },
  route_task: {
    input: { task_id, exclude_agents: ['analysis_bot'] },
    output: {
      task_id,
      selected_agent: agent_id,
      candidates: [
        {
          agent_id,
          score: 0.77,
          success_rate: 0.96,
          confidence: 1,
          load: 1,
          max_concurrent_tasks: 5,
          available: true,
        },
      ],
      reason: 'researcher_bot has the best score of the available agents.',
    },
  },
  start_task: { input: { task_id, attempt: 1 }, output: running },
  complete_task: {
    input: { task_id, attempt: 1, result: { patterns: 5 }, metrics: { duration_ms: 2500, rows_processed: 100 } },
    output: completedSummary,
  },
  fail_task: {
    input: { task_id, attempt: 1, error: 'The page timed out.' },
    output: { ...exampleSummary, attempt: 1, retry_count: 1, not_before: exampleTime('00:10.100') },
  },
  heartbeat_task: {
    input: { task_id, attempt: 1, progress: { percent: 40, message: 'read 5 of 12 sources' } },
    output: { task_id, attempt: 1, lease_expires_at: exampleTime('06:00.000') },
  },
  claim_tasks: { input: { agent_id, limit: 1, holding: [] }, output: { tasks: [claimed], poll_after_ms: 1000 } },
  cancel_task: {
    input: { task_id, reason: 'The survey is outdated.' },
    output: {
      ...pending,
      status: 'cancelled',
      reason: 'The survey is outdated.',
      ended_at: exampleTime('00:07.000'),
      history: [
        ...pending.history,
        { status: 'cancelled', at: exampleTime('00:07.000'), reason: 'The survey is outdated.' },
      ],
    },
  },
  create_tasks: {
    input: { tasks: [{ content: 'Summarize source 1' }, { content: 'Summarize source 2', dependencies: ['unknown'] }] },
    output: {
      results: [
        { task: { ...pending, content: 'Summarize source 1', dependencies: [] } },
        {
          error: {
            type: 'urn:muster:problem:unknown_dependency',
            title: 'Unknown dependency',
            status: 422,
            detail: 'Dependency not found: unknown.',
            code: 'unknown_dependency',
            hint: 'Create the dependencies first.',
            errors: [{ pointer: '/dependencies/0', message: 'task unknown does not exist' }],
          },
        },
      ],
    },
  },
  release_task: {
    input: { task_id, attempt: 1, reason: 'I cannot read this language.' },
    output: { ...exampleSummary, attempt: 1 },
  },
  explain_task: {
    input: { task_id },
    output: {
      task_id,
      status: 'pending',
      state: 'no_capable_agent',
      missing_capabilities: ['pyhton'],
      did_you_mean: { pyhton: ['python'] },
      nearest_agents: [{ agent_id, lacks: ['pyhton'] }],
      sentence: 'No agent has pyhton. Did you mean python instead of pyhton?',
    },
  },
  list_dependents: {
    input: { task_id: survey_id },
    output: { tasks: [exampleSummary] },
  },
  cancel_tasks: {
    input: { status: ['pending', 'waiting'], task_type: 'report', dry_run: true },
    output: { changed: 12, refused: [] },
  },
  retry_tasks: {
    input: { status: 'failed', created_after: exampleTime('00:00.000') },
    output: { changed: 3, refused: [{ task_id, code: 'not_retryable' }] },
  },
  retry_task: { input: { task_id }, output: { ...pending, attempt: 1 } },
  submit_graph: {
    input: {
      tasks: [
        { key: 'survey', content: 'Find sources about asyncio', requirements: ['web'] },
        { key: 'report', content: 'Summarize them', dependencies: ['survey'] },
      ],
      idempotency_key: 'weekly-report-46',
    },
    output: { graph_id, tasks: { survey: survey_id, report: task_id } },
  },
  get_graph: {
    input: { graph_id },
    output: {
      graph_id,
      title: 'Find sources about asyncio',
      created_at: exampleTime('00:00.000'),
      total: 2,
      counts: { waiting: 0, pending: 1, assigned: 0, running: 0, completed: 1, failed: 0, blocked: 0, cancelled: 0 },
      done_fraction: 0.5,
      is_settled: false,
      tasks: [{ ...exampleSummary, graph_id, key: 'report', dependencies: [survey_id] }],
    },
  },
  list_graphs: {
    input: { limit: 10 },
    output: {
      graphs: [
        {
          graph_id,
          title: 'Find sources about asyncio',
          created_at: exampleTime('00:00.000'),
          total: 2,
          counts: {
            waiting: 0,
            pending: 1,
            assigned: 0,
            running: 0,
            completed: 1,
            failed: 0,
            blocked: 0,
            cancelled: 0,
          },
          done_fraction: 0.5,
        },
      ],
    },
  },
  cancel_graph: {
    input: { graph_id, reason: 'no longer needed' },
    output: { graph_id, changed: 2, remaining: 0 },
  },
  retry_graph: { input: { graph_id }, output: { graph_id, changed: 2, remaining: 0 } },
  register_agent: { input: { agent_id, capabilities: ['python', 'web'], max_concurrent_tasks: 5 }, output: agent },
  get_agent: { input: { agent_id }, output: agent },
  find_agents: { input: { requirements: ['python', 'web'], available: true }, output: { agents: [agent] } },
  deregister_agent: { input: { agent_id }, output: { agent_id, deregistered: true, requeued: [task_id] } },
  learn_capability: {
    input: { agent_id, capability: 'machine_learning', confidence: 0.8 },
    output: {
      ...agent,
      capabilities: [
        ...agent.capabilities,
        { name: 'machine_learning', confidence: 0.8, source: 'learned', completed: 0, failed: 0 },
      ],
    },
  },
  update_agent_performance: { input: { agent_id, success: true, duration_ms: 2500 }, output: health },
  get_agent_health: { input: { agent_id }, output: health },
  heartbeat_agent: {
    input: { agent_id, holding: [{ task_id, attempt: 1 }] },
    output: {
      agent_id,
      leases: [{ task_id, attempt: 1, lease_expires_at: exampleTime('06:00.000') }],
      lost: [],
      unnamed: [],
    },
  },
  drain_agent: {
    input: { agent_id },
    output: { ...agent, state: 'draining', health: { ...health, status: 'draining' } },
  },
  resume_agent: { input: { agent_id }, output: agent },
  get_queue_statistics: { input: {}, output: { ...queue, ...lastHour } },
  get_agent_statistics: { input: {}, output: fleet },
  get_routing_statistics: { input: {}, output: routing },
  get_health: { input: {}, output: { status: 'healthy', reasons: [], queue, agents: fleet, routing } },
  recount: { input: {}, output: { tasks: 0, next_cursor: '1' } },
  get_recommendations: {
    input: {},
    output: {
      recommendations: [
        {
          code: 'no_capable_agent',
          message: 'Some ready tasks have no capable agent: no agent has sql. Register an agent with sql.',
          evidence: { task_id, requirements: ['sql'], missing_capabilities: ['sql'] },
        },
      ],
    },
  },
  create_key: {
    input: { role: 'agent', agent_id, name: key.name, expires_in_days: 90 },
    output: { ...key, key: 'mst_a1b2c3d4e5f6_<48 hexadecimal digits>' },
  },
  list_keys: { input: {}, output: { keys: [key] } },
  revoke_key: { input: { key_id: key.key_id }, output: { ...key, revoked_at: exampleTime('30:00.000') } },
  get_caller: {
    input: {},
    output: {
      key_id: key.key_id,
      role: 'viewer',
      scopes: ['read'],
      stage: 'dev',
      region: 'eu-central-1',
      version: '0.2.0',
    },
  },
};
