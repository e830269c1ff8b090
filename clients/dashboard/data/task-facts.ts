import { useRef } from 'preact/hooks';
import type { Task } from '#shared/contract/task.ts';
import type { GraphTask } from '../view/graph.ts';
import { isEnded } from '../view/states.ts';
import { useLive } from './muster.tsx';
import { usePages } from './pages.ts';

/** Beyond this number, tasks are only counted or shown on request. */
export const neighborsShown = 12;

/**
 * Loads what the page of a task shows besides the task, and says when all of it is there: a part that arrived later
 * would move the rest. Requests that do not need the task run in parallel with it.
 */
export function useTaskFacts(taskId: string, task: Task | undefined): boolean {
  const parts = [
    useExplanation(taskId, task),
    useDependents(taskId),
    useGraph(task),
    useCandidates(taskId, task?.status === 'pending'),
  ];
  const areLoaded = useRef(false);
  areLoaded.current ||= task !== undefined && parts.every(({ isLoading }) => !isLoading);
  return areLoaded.current;
}

/** Why a task is in its state. */
export const useExplanation = (taskId: string, task: Task | undefined) =>
  useLive('explain_task', { task_id: taskId }, { live: task !== undefined && !isEnded(task.status) });

/** The dependents of a task. */
export const useDependents = (taskId: string) =>
  usePages('list_dependents', { task_id: taskId, limit: neighborsShown }, () => false);

/** The agents that could get a task, best first. */
export const useCandidates = (taskId: string, isPending: boolean) =>
  useLive('route_task', { task_id: taskId }, { enabled: isPending, moves: () => false });

const useGraph = (task: Task | undefined) =>
  useLive(
    'get_graph',
    { graph_id: task?.graph_id ?? '' },
    {
      enabled: task?.graph_id !== undefined,
      moves: () => false,
      live: task !== undefined && !isEnded(task.status),
    },
  );

/** The tasks of the graph that a task belongs to, by id. */
export function useGraphTasks(task: Task): ReadonlyMap<string, GraphTask> {
  const { data } = useGraph(task);
  return new Map(data?.tasks.map((one) => [one.task_id, one]));
}
