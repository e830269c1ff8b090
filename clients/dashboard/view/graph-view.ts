import { statusesIn } from './filters.ts';
import { dependenciesOf, dependentsOf, isFound, type GraphTask } from './graph.ts';
import type { Status } from './states.ts';

/** How a graph is shown, as in its URL. */
export interface GraphView {
  as?: 'table' | undefined;
  /** The selected task. */
  task?: string | undefined;
  find?: string | undefined;
  status?: Status[] | undefined;
}

export function graphViewIn(query: string): GraphView {
  const given = new URLSearchParams(query);
  const status = statusesIn(given);
  const text = (name: string) => given.get(name) || undefined;
  return {
    as: given.get('as') === 'table' ? 'table' : undefined,
    task: text('task'),
    find: text('find'),
    status: status.length > 0 ? status : undefined,
  };
}

/** Whether a task matches the search or the selected state. */
export const isChosen = (task: GraphTask, { find, status }: GraphView) =>
  (status === undefined || status.includes(task.status)) && (find === undefined || isFound(task, find));

/** Some tasks with everything before and after them. */
export function relatedTo(taskIds: readonly string[], tasks: readonly GraphTask[]): Set<string> {
  const [first = ''] = taskIds;
  // Tasks drawn as one box have the same neighbors.
  return new Set([...taskIds, ...dependenciesOf(first, tasks), ...dependentsOf(first, tasks)]);
}
