import type { operations, OperationName } from '../contract/operations.ts';
import { assignTask } from './work/assign-task.ts';
import { cancelGraph } from './graphs/cancel-graph.ts';
import { cancelTask } from './tasks/cancel-task.ts';
import { cancelTasks } from './tasks/cancel-tasks.ts';
import { claimTasks } from './work/claim-tasks.ts';
import { completeTask } from './work/complete-task.ts';
import { createKey } from './keys/create-key.ts';
import { createTask } from './tasks/create-task.ts';
import { createTasks } from './tasks/create-tasks.ts';
import { deregisterAgent } from './agents/deregister-agent.ts';
import { drainAgent } from './agents/drain-agent.ts';
import { explainTask } from './tasks/explain-task.ts';
import { failTask } from './work/fail-task.ts';
import { findAgents } from './agents/find-agents.ts';
import { getAgentHealth } from './agents/get-agent-health.ts';
import { getAgentStatistics } from './statistics/get-agent-statistics.ts';
import { getAgent } from './agents/get-agent.ts';
import { getCaller } from './keys/get-caller.ts';
import { getGraph } from './graphs/get-graph.ts';
import { getHealth } from './statistics/get-health.ts';
import { getQueueStatistics } from './statistics/get-queue-statistics.ts';
import { getRecommendations } from './statistics/get-recommendations.ts';
import { getRoutingStatistics } from './statistics/get-routing-statistics.ts';
import { getTask } from './tasks/get-task.ts';
import { heartbeatAgent } from './agents/heartbeat-agent.ts';
import { heartbeatTask } from './work/heartbeat-task.ts';
import type { Implementation } from './implement.ts';
import { learnCapability } from './agents/learn-capability.ts';
import { listGraphs } from './graphs/list-graphs.ts';
import { listDependents } from './tasks/list-dependents.ts';
import { listKeys } from './keys/list-keys.ts';
import { openapi } from './openapi.ts';
import { pollTasks } from './work/poll-tasks.ts';
import { queryTasks } from './tasks/query-tasks.ts';
import { recount } from './statistics/recount.ts';
import { registerAgent } from './agents/register-agent.ts';
import { releaseTask } from './work/release-task.ts';
import { resumeAgent } from './agents/resume-agent.ts';
import { retryGraph } from './graphs/retry-graph.ts';
import { retryTasks } from './tasks/retry-tasks.ts';
import { retryTask } from './tasks/retry-task.ts';
import { revokeKey } from './keys/revoke-key.ts';
import { routeTask } from './work/route-task.ts';
import { submitGraph } from './graphs/submit-graph.ts';
import { startTask } from './work/start-task.ts';
import { updateAgentPerformance } from './agents/update-agent-performance.ts';

type Row<Name extends OperationName> = Extract<(typeof operations)[number], { name: Name }>;

type ImplementationOf<Name extends OperationName> = Implementation<Row<Name>['input'], Row<Name>['output'], Name>;

/** One entry per row of the table of operations; the compiler rejects missing, unknown and mismatched entries. */
export type Implementations = { [Name in OperationName]: ImplementationOf<Name> };

/** The implementation of each operation. */
export const implementations = {
  create_task: createTask,
  get_task: getTask,
  query_tasks: queryTasks,
  poll_tasks: pollTasks,
  assign_task: assignTask,
  route_task: routeTask,
  start_task: startTask,
  complete_task: completeTask,
  fail_task: failTask,
  heartbeat_task: heartbeatTask,
  claim_tasks: claimTasks,
  cancel_task: cancelTask,
  retry_task: retryTask,
  list_dependents: listDependents,
  cancel_tasks: cancelTasks,
  retry_tasks: retryTasks,
  create_tasks: createTasks,
  release_task: releaseTask,
  explain_task: explainTask,
  submit_graph: submitGraph,
  get_graph: getGraph,
  list_graphs: listGraphs,
  cancel_graph: cancelGraph,
  retry_graph: retryGraph,
  register_agent: registerAgent,
  get_agent: getAgent,
  find_agents: findAgents,
  deregister_agent: deregisterAgent,
  learn_capability: learnCapability,
  update_agent_performance: updateAgentPerformance,
  get_agent_health: getAgentHealth,
  heartbeat_agent: heartbeatAgent,
  drain_agent: drainAgent,
  resume_agent: resumeAgent,
  get_queue_statistics: getQueueStatistics,
  get_agent_statistics: getAgentStatistics,
  get_routing_statistics: getRoutingStatistics,
  get_health: getHealth,
  get_recommendations: getRecommendations,
  recount,
  create_key: createKey,
  list_keys: listKeys,
  revoke_key: revokeKey,
  get_caller: getCaller,
  openapi,
} satisfies Implementations;

/** The implementation of an operation whose name is only known at run time. */
export function implementationOf<Name extends OperationName>(name: Name): ImplementationOf<Name> {
  const table: Implementations = implementations;
  return table[name];
}
