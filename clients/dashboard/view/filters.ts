import { statuses, type Status } from './states.ts';

/** The filters of the task list, as in its URL. */
export interface Filters {
  status?: Status[];
  task_type?: string;
  priority?: Priority;
  agent_id?: string;
  graph_id?: string;
  /** Local date and time, as in a form input: 2026-11-26T14:00. */
  created_after?: string;
  created_before?: string;
}

export const priorities = ['critical', 'high', 'medium', 'low'] as const;
type Priority = (typeof priorities)[number];

const texts = ['task_type', 'agent_id', 'graph_id'] as const;
const times = ['created_after', 'created_before'] as const;

/** The filters in the query of a URL. Invalid ones are ignored. */
export function filtersIn(query: string): Filters {
  const given = new URLSearchParams(query);
  const status = statusesIn(given);
  const priority = priorities.find((one) => one === given.get('priority'));
  const others = texts.flatMap((name): [string, string][] => {
    const value = given.get(name)?.trim() ?? '';
    return value === '' ? [] : [[name, value]];
  });
  const moments = times.flatMap((name): [string, string][] => {
    const value = given.get(name) ?? '';
    return Number.isNaN(Date.parse(value)) ? [] : [[name, value]];
  });
  return {
    ...(status.length > 0 && { status }),
    ...(priority && { priority }),
    ...Object.fromEntries([...others, ...moments]),
  };
}

/** The states in a query, in the order of a task's life. */
export const statusesIn = (query: URLSearchParams): Status[] =>
  statuses.filter((one) => query.get('status')?.split(',').includes(one));

/** Whether tasks that match the filters can be in a state. */
export const mayMatch = ({ status = [...statuses] }: Filters, allowed: (status: Status) => boolean) =>
  status.some(allowed);

/** The same for query_tasks, which takes timestamps. */
export function queryFor({ created_after, created_before, ...others }: Filters) {
  return {
    ...others,
    ...(created_after !== undefined && { created_after: new Date(created_after).toISOString() }),
    ...(created_before !== undefined && { created_before: new Date(created_before).toISOString() }),
  };
}

/** "failed tasks of type index" */
export function describeFilters({ status, task_type, priority, agent_id, graph_id, ...times }: Filters): string {
  return [
    priority && `${priority} priority`,
    status?.join(' or '),
    'tasks',
    task_type && `of type ${task_type}`,
    agent_id && `of agent ${agent_id}`,
    graph_id && `in graph ${graph_id}`,
    times.created_after && `created after ${times.created_after.replace('T', ' ')}`,
    times.created_before && `created before ${times.created_before.replace('T', ' ')}`,
  ]
    .filter(Boolean)
    .join(' ');
}
