import type { GraphTask } from './graph.ts';
import { isEnded } from './states.ts';

/** A completed task holds up nothing: it only breaks ties between paths of equal length. */
const weightOfCompleted = 0.001;

/** The longest chain of dependent tasks still to be done, with what led to it; if all are done, the longest chain. */
export function criticalPath(tasks: readonly GraphTask[]): string[] {
  const byId = new Map(tasks.map((task) => [task.task_id, task]));
  const longest = new Map<string, Chain>();
  for (const task of inOrder(tasks, byId)) {
    const before = heaviest(task.dependencies, longest);
    const own = task.status === 'completed' ? weightOfCompleted : 1;
    longest.set(task.task_id, { weight: (longest.get(before ?? '')?.weight ?? 0) + own, before });
  }
  const path: string[] = [];
  for (let next = heaviest([...longest.keys()], longest); next !== undefined; next = longest.get(next)?.before) {
    path.unshift(next);
  }
  return path;
}

interface Chain {
  weight: number;
  /** The second-to-last task. */
  before: string | undefined;
}

/** The task at the end of the longest chain. */
function heaviest(ids: readonly string[], chains: ReadonlyMap<string, Chain>): string | undefined {
  let best: [id: string | undefined, weight: number] = [undefined, 0];
  for (const id of ids) {
    const weight = chains.get(id)?.weight ?? 0;
    if (weight > best[1]) best = [id, weight];
  }
  return best[0];
}

/** In topological order. */
function inOrder(tasks: readonly GraphTask[], byId: ReadonlyMap<string, GraphTask>): GraphTask[] {
  const open = new Map<string, number>();
  const dependents = new Map<string, GraphTask[]>();
  for (const task of tasks) {
    const inside = task.dependencies.filter((id) => byId.has(id));
    open.set(task.task_id, inside.length);
    for (const id of inside) {
      const list = dependents.get(id);
      if (list) list.push(task);
      else dependents.set(id, [task]);
    }
  }
  const ready = tasks.filter(({ task_id }) => open.get(task_id) === 0);
  for (const { task_id } of ready) {
    for (const dependent of dependents.get(task_id) ?? []) {
      const left = (open.get(dependent.task_id) ?? 0) - 1;
      open.set(dependent.task_id, left);
      if (left === 0) ready.push(dependent);
    }
  }
  return ready;
}

/**
 * How much work is left on a path, in milliseconds, at the pace of this graph's completed tasks.
 * @returns undefined if none is completed
 */
export function workLeftMs(path: readonly string[], tasks: readonly GraphTask[]): number | undefined {
  const paces = new Map<string, { sum: number; count: number }>();
  const all = { sum: 0, count: 0 };
  for (const task of tasks) {
    if (task.status !== 'completed') continue;
    const pace = paces.get(task.task_type) ?? { sum: 0, count: 0 };
    for (const one of [pace, all]) {
      one.sum += task.execution_duration_ms;
      one.count += 1;
    }
    paces.set(task.task_type, pace);
  }
  if (all.count === 0) return undefined;
  const byId = new Map(tasks.map((task) => [task.task_id, task]));
  return path.reduce((sum, id) => {
    const task = byId.get(id);
    if (!task || isEnded(task.status)) return sum;
    const pace = paces.get(task.task_type) ?? all;
    return sum + pace.sum / pace.count;
  }, 0);
}
