/* Written by `npm run generate` from the table of operations: do not edit. */
import type { OperationName } from './operation-methods.ts';

/** Where an operation is found, and whether it is safe to send it twice: always, or when a certain field is given. */
export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  repeatable: boolean | 'idempotency_key' | 'attempt' | 'holding';
}

export const routes = {
  create_task: { method: 'POST', path: '/v1/tasks', repeatable: 'idempotency_key' },
  get_task: { method: 'GET', path: '/v1/tasks/{task_id}', repeatable: true },
  query_tasks: { method: 'GET', path: '/v1/tasks', repeatable: true },
  poll_tasks: { method: 'GET', path: '/v1/queue', repeatable: true },
  assign_task: { method: 'POST', path: '/v1/tasks/{task_id}/assign', repeatable: true },
  route_task: { method: 'POST', path: '/v1/tasks/{task_id}/route', repeatable: true },
  start_task: { method: 'POST', path: '/v1/tasks/{task_id}/start', repeatable: true },
  complete_task: { method: 'POST', path: '/v1/tasks/{task_id}/complete', repeatable: 'attempt' },
  fail_task: { method: 'POST', path: '/v1/tasks/{task_id}/fail', repeatable: 'attempt' },
  heartbeat_task: { method: 'POST', path: '/v1/tasks/{task_id}/heartbeat', repeatable: true },
  claim_tasks: { method: 'POST', path: '/v1/agents/{agent_id}/claim', repeatable: 'holding' },
  cancel_task: { method: 'POST', path: '/v1/tasks/{task_id}/cancel', repeatable: true },
  retry_task: { method: 'POST', path: '/v1/tasks/{task_id}/retry', repeatable: false },
  list_dependents: { method: 'GET', path: '/v1/tasks/{task_id}/dependents', repeatable: true },
  cancel_tasks: { method: 'POST', path: '/v1/tasks/cancel', repeatable: true },
  retry_tasks: { method: 'POST', path: '/v1/tasks/retry', repeatable: false },
  create_tasks: { method: 'POST', path: '/v1/tasks/batch', repeatable: false },
  release_task: { method: 'POST', path: '/v1/tasks/{task_id}/release', repeatable: 'attempt' },
  explain_task: { method: 'GET', path: '/v1/tasks/{task_id}/explain', repeatable: true },
  submit_graph: { method: 'POST', path: '/v1/graphs', repeatable: 'idempotency_key' },
  get_graph: { method: 'GET', path: '/v1/graphs/{graph_id}', repeatable: true },
  list_graphs: { method: 'GET', path: '/v1/graphs', repeatable: true },
  cancel_graph: { method: 'POST', path: '/v1/graphs/{graph_id}/cancel', repeatable: true },
  retry_graph: { method: 'POST', path: '/v1/graphs/{graph_id}/retry', repeatable: false },
  register_agent: { method: 'POST', path: '/v1/agents', repeatable: true },
  get_agent: { method: 'GET', path: '/v1/agents/{agent_id}', repeatable: true },
  find_agents: { method: 'GET', path: '/v1/agents', repeatable: true },
  deregister_agent: { method: 'DELETE', path: '/v1/agents/{agent_id}', repeatable: true },
  learn_capability: { method: 'POST', path: '/v1/agents/{agent_id}/capabilities', repeatable: true },
  update_agent_performance: { method: 'POST', path: '/v1/agents/{agent_id}/performance', repeatable: false },
  get_agent_health: { method: 'GET', path: '/v1/agents/{agent_id}/health', repeatable: true },
  heartbeat_agent: { method: 'POST', path: '/v1/agents/{agent_id}/heartbeat', repeatable: true },
  drain_agent: { method: 'POST', path: '/v1/agents/{agent_id}/drain', repeatable: true },
  resume_agent: { method: 'POST', path: '/v1/agents/{agent_id}/resume', repeatable: true },
  get_queue_statistics: { method: 'GET', path: '/v1/stats/queue', repeatable: true },
  get_agent_statistics: { method: 'GET', path: '/v1/stats/agents', repeatable: true },
  get_routing_statistics: { method: 'GET', path: '/v1/stats/routing', repeatable: true },
  get_health: { method: 'GET', path: '/v1/health', repeatable: true },
  get_recommendations: { method: 'GET', path: '/v1/recommendations', repeatable: true },
  recount: { method: 'POST', path: '/v1/stats/recount', repeatable: false },
  create_key: { method: 'POST', path: '/v1/keys', repeatable: false },
  list_keys: { method: 'GET', path: '/v1/keys', repeatable: true },
  revoke_key: { method: 'DELETE', path: '/v1/keys/{key_id}', repeatable: true },
  get_caller: { method: 'GET', path: '/v1/caller', repeatable: true },
  openapi: { method: 'GET', path: '/openapi.json', repeatable: true },
} as const satisfies Record<OperationName, Route>;
