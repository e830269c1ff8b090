import { isDoneAsAgent, scopesOf, type Scope } from '../operation.ts';
import type { OperationName } from '../operations.ts';

/** The fields of an operation that tool sets depend on. */
interface ToolSetRow {
  name: OperationName;
  scope: Scope | 'public';
}

/** The 18 tools of the quick-start guide. Agent statistics share their tool with the health of one agent. */
const seed: readonly OperationName[] = [
  'create_task',
  'get_task',
  'query_tasks',
  'poll_tasks',
  'assign_task',
  'route_task',
  'start_task',
  'complete_task',
  'fail_task',
  'register_agent',
  'find_agents',
  'deregister_agent',
  'update_agent_performance',
  'get_agent_health',
  'get_agent_statistics',
  'get_queue_statistics',
  'get_routing_statistics',
  'get_health',
  'get_recommendations',
];

/** Subsets of the tools, for clients with little context to spare: `/mcp?tools=<name>`. */
export const toolSets = {
  seed: ({ name }) => seed.includes(name),
  /** For agents: get work, do it and report on it. */
  worker: ({ name, scope }) => isDoneAsAgent({ scope }) || name === 'get_task',
  /** For producers: have work done. */
  producer: ({ scope }) => scope !== 'public' && scopesOf.producer.includes(scope),
} satisfies Record<string, (row: ToolSetRow) => boolean>;

export type ToolSet = keyof typeof toolSets;

export const isToolSet = (name: string): name is ToolSet => Object.hasOwn(toolSets, name);
