import type { OutputOf } from '#clients/sdk/operation-methods.ts';
import { inWords } from './reasons.ts';
import { canCancel, canRetry, isEnded, statuses, type Status } from './states.ts';
import { countText, durationText } from './words.ts';

export type Graph = OutputOf<'get_graph'>;
export type GraphTask = Graph['tasks'][number];
/** Number of tasks by status; a missing status means none. */
export type Counts = Readonly<Partial<Record<Status, number>>>;

/** The interval between two polls of a graph, in milliseconds: the cost of reading it grows with its tasks. */
export const graphPollMs = ({ total }: Pick<Graph, 'total'>) => total * 10;

/** "9 of 14 tasks completed; 1 running, 2 blocked, 1 failed", for a sentence. */
export function progressText({ total, counts }: { total: number; counts: Counts }): string {
  const completed = counts.completed ?? 0;
  if (completed === total) return total === 1 ? 'Its task is completed' : `All ${countText(total, 'task')} completed`;
  const others = otherStates(counts).map((status) => `${counts[status] ?? 0} ${status}`);
  return [
    `${completed} of ${countText(total, 'task')} completed`,
    ...(others.length > 0 ? [others.join(', ')] : []),
  ].join('; ');
}

/** The states worth mentioning besides completed and merely waiting. */
export const otherStates = (counts: Counts): Status[] =>
  statuses.filter((status) => status !== 'completed' && status !== 'waiting' && (counts[status] ?? 0) > 0);

/** How many tasks of a graph can be cancelled, or retried. */
export const cancellable = (counts: Counts) => sumOf(counts, canCancel);
export const retryable = (counts: Counts) => sumOf(counts, canRetry);

const sumOf = (counts: Counts, counted: (status: Status) => boolean) =>
  statuses.filter(counted).reduce((sum, status) => sum + (counts[status] ?? 0), 0);

/** The most useful fact about a task in its graph, in a few words. */
export function noteOf(task: GraphTask, statusOf: (taskId: string) => Status | undefined): string {
  switch (task.status) {
    case 'failed':
    case 'blocked':
    case 'cancelled':
      return inWords(task.reason);
    case 'completed':
      return `${task.assigned_to}, ${durationText(task.execution_duration_ms)}`;
    case 'assigned':
      return `${task.assigned_to} has it next`;
    case 'running': {
      const percent = task.progress?.percent;
      return percent === undefined ? task.assigned_to : `${task.assigned_to}, ${Math.round(percent)}%`;
    }
    case 'pending':
      return task.requirements.length === 0 ? 'ready for any agent' : `needs ${task.requirements.join(', ')}`;
    case 'waiting': {
      const left = task.dependencies.filter((id) => statusOf(id) !== 'completed').length;
      return `waits for ${left} of ${countText(task.dependencies.length, 'task')}`;
    }
  }
}

/** All direct and indirect dependents of a task. */
export function dependentsOf(taskId: string, tasks: readonly GraphTask[]): Set<string> {
  const found = new Set<string>();
  const needing = dependentsById(tasks);
  const open = [taskId];
  for (const id of open) {
    for (const dependent of needing.get(id) ?? []) {
      if (found.has(dependent)) continue;
      found.add(dependent);
      open.push(dependent);
    }
  }
  return found;
}

/** All direct and indirect dependencies of a task. */
export function dependenciesOf(taskId: string, tasks: readonly GraphTask[]): Set<string> {
  const byId = new Map(tasks.map((task) => [task.task_id, task]));
  const found = new Set<string>();
  const open = [taskId];
  for (const id of open) {
    for (const dependency of byId.get(id)?.dependencies ?? []) {
      if (found.has(dependency) || !byId.has(dependency)) continue;
      found.add(dependency);
      open.push(dependency);
    }
  }
  return found;
}

/** The direct dependents of each task. */
export function dependentsById(tasks: readonly GraphTask[]): Map<string, string[]> {
  const needing = new Map<string, string[]>();
  for (const { task_id, dependencies } of tasks) {
    for (const id of dependencies) {
      const list = needing.get(id);
      if (list) list.push(task_id);
      else needing.set(id, [task_id]);
    }
  }
  return needing;
}

/** Whether a task matches a search, by title, key or id. */
export function isFound({ title, key, task_id }: GraphTask, words: string): boolean {
  const wanted = words.trim().toLowerCase();
  return wanted !== '' && [title, key, task_id].some((text) => text.toLowerCase().includes(wanted));
}

/** How many open tasks cannot begin before this one is completed. */
export const heldUpBy = (taskId: string, tasks: readonly GraphTask[]): number => {
  const dependents = dependentsOf(taskId, tasks);
  return tasks.filter(({ task_id, status }) => dependents.has(task_id) && !isEnded(status)).length;
};

interface GraphState {
  counts: Counts;
  total: number;
  under_way?: 'cancel' | 'retry' | undefined;
}

/** Whether a graph changes without intervention. */
export const isMoving = ({ counts, under_way }: GraphState) =>
  under_way !== undefined || (counts.pending ?? 0) + (counts.assigned ?? 0) + (counts.running ?? 0) > 0;

/** The state of all graphs, in a sentence. */
export function graphsHeadline(graphs: readonly GraphState[], areMore: boolean): { title: string; lead: string } {
  if (graphs.length === 0) return { title: 'No graphs yet', lead: 'None was submitted.' };
  const shown = `${countText(graphs.length, 'graph')} shown${areMore ? ', there are more' : ''}`;
  const stuck = graphs.filter(({ counts }) => (counts.failed ?? 0) + (counts.blocked ?? 0) > 0).length;
  const moving = graphs.filter(isMoving).length;
  const title =
    stuck > 0
      ? `${countText(stuck, 'graph has', 'graphs have')} failed or blocked tasks`
      : moving > 0
        ? `${countText(moving, 'graph is', 'graphs are')} in progress`
        : graphs.every(({ counts, total }) => counts.completed === total)
          ? 'All graphs are completed'
          : 'No graph is in progress';
  return { title, lead: `${shown}${stuck > 0 && moving > 0 ? `, ${moving} in progress` : ''}.` };
}
