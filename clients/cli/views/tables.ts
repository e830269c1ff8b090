import type { OutputOf } from '../../sdk/index.ts';
import { paintStatus } from './paint.ts';
import { table, type Column } from './table.ts';

type TaskRow = OutputOf<'query_tasks'>['tasks'][number];
type AgentRow = OutputOf<'get_agent'>;
type KeyRow = OutputOf<'list_keys'>['keys'][number];
type ListedGraph = OutputOf<'list_graphs'>['graphs'][number];
type GraphRow = OutputOf<'get_graph'>['tasks'][number];

const status = { title: 'STATUS', value: (task: TaskRow) => task.status, paint: paintTask } satisfies Column<TaskRow>;

export const taskColumns: Column<TaskRow>[] = [
  { title: 'TASK', value: (task) => task.task_id },
  status,
  { title: 'PRIORITY', value: (task) => task.priority },
  { title: 'TYPE', value: (task) => task.task_type },
  { title: 'AGE', value: (task) => ageOf(task.created_at) },
  { title: 'FAILURES', value: (task) => `${task.retry_count}/${task.max_attempts}` },
  { title: 'AGENT', value: (task) => task.assigned_to },
  { title: 'TITLE', value: (task) => task.title },
];

export const graphColumns: Column<GraphRow>[] = [
  { title: 'KEY', value: (task) => task.key },
  { title: 'TASK', value: (task) => task.task_id },
  status,
  { title: 'AGENT', value: (task) => task.assigned_to },
  { title: 'TITLE', value: (task) => task.title },
];

export const graphListColumns: Column<ListedGraph>[] = [
  { title: 'GRAPH', value: (graph) => graph.graph_id },
  { title: 'AGE', value: (graph) => ageOf(graph.created_at) },
  { title: 'DONE', value: (graph) => percent(graph.done_fraction) },
  { title: 'TASKS', value: tallyText },
  { title: 'TITLE', value: (graph) => graph.title },
];

export const agentColumns: Column<AgentRow>[] = [
  { title: 'AGENT', value: (agent) => agent.agent_id },
  {
    title: 'STATUS',
    value: (agent) => agent.health.status,
    paint: (cell, agent) => paintStatus(agent.health.status, cell),
  },
  { title: 'LOAD', value: (agent) => `${agent.load}/${agent.max_concurrent_tasks}` },
  { title: 'SUCCESS', value: (agent) => percent(agent.health.success_rate) },
  { title: 'SEEN', value: (agent) => ageOf(agent.health.last_seen_at) },
  { title: 'CAPABILITIES', value: (agent) => agent.capabilities.map(({ name }) => name).join(', ') || undefined },
];

export const keyColumns: Column<KeyRow>[] = [
  { title: 'KEY', value: (key) => key.key_id },
  { title: 'ROLE', value: (key) => key.role },
  { title: 'AGENT', value: (key) => key.agent_id },
  { title: 'AGE', value: (key) => ageOf(key.created_at) },
  { title: 'EXPIRES', value: (key) => key.expires_at },
  { title: 'REVOKED', value: (key) => key.revoked_at },
  { title: 'NAME', value: (key) => key.name },
];

export const taskTable = (...tasks: readonly TaskRow[]) => table(taskColumns, tasks);
export const agentTable = (...agents: readonly AgentRow[]) => table(agentColumns, agents);
export const keyTable = (...keys: readonly KeyRow[]) => table(keyColumns, keys);

export const percent = (fraction: number) => `${Math.round(fraction * 100)}%`;

/** How many tasks of a graph have each status, and the decision being carried out, if any. */
export function tallyText({ counts, under_way }: Pick<ListedGraph, 'counts' | 'under_way'>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  const parts = some.map(([name, count]) => `${count} ${name}`);
  return [...parts, ...(under_way === undefined ? [] : [`(${under_way} under way)`])].join(', ');
}

function paintTask(cell: string, task: TaskRow): string {
  return paintStatus(task.status, cell);
}

/** How long ago, in the largest unit. */
function ageOf(instant: string): string {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(instant)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
