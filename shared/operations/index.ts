import type { OperationName } from '../contract/operations.ts';
import { assignTask } from './assign-task.ts';
import { cancelTask } from './cancel-task.ts';
import { claimTasks } from './claim-tasks.ts';
import { completeTask } from './complete-task.ts';
import { createKey } from './create-key.ts';
import { createTask } from './create-task.ts';
import { createTasks } from './create-tasks.ts';
import { deregisterAgent } from './deregister-agent.ts';
import { drainAgent } from './drain-agent.ts';
import { explainTask } from './explain-task.ts';
import { failTask } from './fail-task.ts';
import { findAgents } from './find-agents.ts';
import { getAgentHealth } from './get-agent-health.ts';
import { getAgentStatistics } from './get-agent-statistics.ts';
import { getAgent } from './get-agent.ts';
import { getGraph } from './get-graph.ts';
import { getHealth } from './get-health.ts';
import { getQueueStatistics } from './get-queue-statistics.ts';
import { getRecommendations } from './get-recommendations.ts';
import { getRoutingStatistics } from './get-routing-statistics.ts';
import { getTask } from './get-task.ts';
import { heartbeatAgent } from './heartbeat-agent.ts';
import { heartbeatTask } from './heartbeat-task.ts';
import type { Implementation } from './implement.ts';
import { learnCapability } from './learn-capability.ts';
import { listKeys } from './list-keys.ts';
import { openapi } from './openapi.ts';
import { pollTasks } from './poll-tasks.ts';
import { queryTasks } from './query-tasks.ts';
import { registerAgent } from './register-agent.ts';
import { releaseTask } from './release-task.ts';
import { resumeAgent } from './resume-agent.ts';
import { retryTask } from './retry-task.ts';
import { revokeKey } from './revoke-key.ts';
import { routeTask } from './route-task.ts';
import { submitGraph } from './submit-graph.ts';
import { startTask } from './start-task.ts';
import { updateAgentPerformance } from './update-agent-performance.ts';

/** What each operation of the table does. */
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
  create_tasks: createTasks,
  release_task: releaseTask,
  explain_task: explainTask,
  submit_graph: submitGraph,
  get_graph: getGraph,
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
  create_key: createKey,
  list_keys: listKeys,
  revoke_key: revokeKey,
  openapi,
} as unknown as Readonly<Record<OperationName, Implementation>>;
