import type { Task } from '#shared/contract/task.ts';
import type { GraphTask } from '../view/graph.ts';
import { isEnded } from '../view/states.ts';
import { useLive } from './muster.tsx';

/** The tasks of the graph that a task is in, by id: one request for all parts of a page that name them. */
export function useGraphTasks({ graph_id, status }: Task): ReadonlyMap<string, GraphTask> {
  const { data } = useLive(
    'get_graph',
    { graph_id: graph_id ?? '' },
    { enabled: graph_id !== undefined, moves: () => false, live: !isEnded(status) },
  );
  return new Map(data?.tasks.map((one) => [one.task_id, one]));
}
