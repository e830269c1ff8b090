import * as z from 'zod';
import * as agents from './agents.ts';
import * as graphs from './graphs.ts';
import * as keys from './keys.ts';
import { operation, type Operation } from './operation.ts';
import * as statistics from './statistics.ts';
import * as tasks from './tasks.ts';
import * as work from './work.ts';

export const openapi = operation({
  name: 'openapi',
  summary: 'The OpenAPI 3.1 description of this service',
  route: 'GET /openapi.json',
  scope: 'public',
  input: () => z.strictObject({}),
  output: () => z.looseObject({ openapi: z.string() }),
  refusals: [],
});

/** THE table of operations, in the order in which every transport lists them. */
export const operations = [
  tasks.createTask,
  tasks.getTask,
  tasks.queryTasks,
  work.pollTasks,
  work.assignTask,
  work.routeTask,
  work.startTask,
  work.completeTask,
  work.failTask,
  work.heartbeatTask,
  work.claimTasks,
  tasks.cancelTask,
  tasks.retryTask,
  tasks.listDependents,
  tasks.cancelTasks,
  tasks.retryTasks,
  tasks.createTasks,
  work.releaseTask,
  tasks.explainTask,
  graphs.submitGraph,
  graphs.getGraph,
  graphs.listGraphs,
  graphs.cancelGraph,
  graphs.retryGraph,
  agents.registerAgent,
  agents.getAgent,
  agents.findAgents,
  agents.deregisterAgent,
  agents.learnCapability,
  agents.updateAgentPerformance,
  agents.getAgentHealth,
  agents.heartbeatAgent,
  agents.drainAgent,
  agents.resumeAgent,
  statistics.getQueueStatistics,
  statistics.getAgentStatistics,
  statistics.getRoutingStatistics,
  statistics.getHealth,
  statistics.getRecommendations,
  statistics.recount,
  keys.createKey,
  keys.listKeys,
  keys.revokeKey,
  keys.getCaller,
  openapi,
] as const satisfies readonly Operation[];

export type OperationName = (typeof operations)[number]['name'];
