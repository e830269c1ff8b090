import { printable } from '#shared/contract/printable.ts';
import { dependentsById, noteOf, type Counts, type GraphTask } from './graph.ts';
import { statuses, type Status } from './states.ts';
import { countText } from './words.ts';

/** A box of the drawing: a task, or many similar ones. */
export interface Box {
  id: string;
  title: string;
  note: string;
  status: Status;
  /** Ids of boxes. */
  dependencies: readonly string[];
  /** Ids of tasks; more than one for a group. */
  members: readonly string[];
  /** For a group: number of tasks by state. */
  counts?: Counts;
  percent?: number | undefined;
}

/** Smaller graphs are drawn task by task. */
const groupedFrom = 60;
/** Smaller groups of similar tasks are drawn one by one. */
const groupSize = 8;

/** From most to least urgent: a group is shown in the first state that any of its tasks has. */
const byUrgency: readonly Status[] = [
  'failed',
  'running',
  'assigned',
  'pending',
  'blocked',
  'waiting',
  'cancelled',
  'completed',
];

/**
 * The boxes of a graph. In a large one, tasks with the same dependencies and the same dependents share a box, whatever
 * their states, so that the box stays in place while they change.
 * @param expanded ids of groups to draw task by task
 */
export function boxesOf(tasks: readonly GraphTask[], expanded: ReadonlySet<string>): Box[] {
  const statusOf = new Map(tasks.map(({ task_id, status }) => [task_id, status]));
  const groups = tasks.length < groupedFrom ? [] : groupsOf(tasks).filter(({ id }) => !expanded.has(id));
  const groupOf = new Map(groups.flatMap((group) => group.tasks.map(({ task_id }) => [task_id, group.id])));
  const boxIds = (ids: readonly string[]) => [...new Set(ids.map((id) => groupOf.get(id) ?? id))];
  const single = tasks
    .filter(({ task_id }) => !groupOf.has(task_id))
    .map((task): Box => ({
      id: task.task_id,
      title: printable(task.title),
      note: printable(noteOf(task, (id) => statusOf.get(id))),
      status: task.status,
      dependencies: boxIds(task.dependencies),
      members: [task.task_id],
      percent: task.status === 'running' ? task.progress?.percent : undefined,
    }));
  return [...single, ...groups.map((group) => groupBox(group, boxIds))];
}

interface Group {
  id: string;
  tasks: readonly GraphTask[];
}

/** The group that a task belongs to, if any. */
export const groupIdOf = (taskId: string, tasks: readonly GraphTask[]): string | undefined =>
  tasks.length < groupedFrom
    ? undefined
    : groupsOf(tasks).find((group) => group.tasks.some(({ task_id }) => task_id === taskId))?.id;

function groupsOf(tasks: readonly GraphTask[]): Group[] {
  const needing = dependentsById(tasks);
  const alike = new Map<string, GraphTask[]>();
  for (const task of tasks) {
    const neighbors = [task.dependencies.toSorted(), (needing.get(task.task_id) ?? []).toSorted()].join('|');
    const group = alike.get(neighbors);
    if (group) group.push(task);
    else alike.set(neighbors, [task]);
  }
  return [...alike.values()]
    .filter((group) => group.length >= groupSize)
    .map((group) => ({ id: `group-${group[0]?.task_id ?? ''}`, tasks: group }));
}

function groupBox({ id, tasks }: Group, boxIds: (ids: readonly string[]) => string[]): Box {
  const counts: Partial<Record<Status, number>> = {};
  for (const { status } of tasks) counts[status] = (counts[status] ?? 0) + 1;
  const types = new Set(tasks.map(({ task_type }) => task_type));
  const [type] = types.size === 1 ? types : [];
  return {
    id,
    title:
      type === undefined || type === 'general'
        ? countText(tasks.length, 'task')
        : printable(`${type} × ${tasks.length}`),
    note: statuses
      .filter((status) => counts[status] !== undefined)
      .map((status) => `${counts[status] ?? 0} ${status}`)
      .join(', '),
    status: byUrgency.find((status) => counts[status] !== undefined) ?? 'waiting',
    dependencies: boxIds(tasks[0]?.dependencies ?? []),
    members: tasks.map(({ task_id }) => task_id),
    counts,
  };
}

/** The box that shows a task. */
export const boxOf = (taskId: string, boxes: readonly Box[]): Box | undefined =>
  boxes.find(({ members }) => members.includes(taskId));

/** The ids of the boxes that show any of the tasks. */
export const boxesWith = (taskIds: ReadonlySet<string>, boxes: readonly Box[]): Set<string> =>
  new Set(boxes.filter(({ members }) => members.some((id) => taskIds.has(id))).map(({ id }) => id));
