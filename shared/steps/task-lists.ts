import type { Status } from '../contract/nouns.ts';
import type { TaskFilter } from '../contract/tasks.ts';
import { laneName } from '../domain/lane.ts';
import { holdOf, type TaskRecord } from '../domain/task.ts';
import type { ListedTask, Ports, TaskList } from '../ports.ts';

/** A list to read for a filter. The names sort in the order in which the lists are read. */
export type FilterList = {
  name: string;
  /** Read a second time, only for tasks that have moved since the listing began. */
  isReread?: true;
  /** For a list of ended tasks, newest first: where to stop. */
  since?: number | undefined;
} & ({ list: TaskList } | { ids: readonly string[] });

const endedStatuses = ['completed', 'failed', 'cancelled'] as const;

/**
 * The smallest set of lists that contains every match. Tasks that move between indexes are looked for along their usual
 * path:
 *
 *     1 checks   waiting, blocked
 *     2 timers   delayed; held, may go back to a lane
 *     3 lanes    ready
 *     4 timers   held: taken from a lane before it was read
 *     5 ended
 */
export async function listsFor(ports: Ports, filter: TaskFilter): Promise<FilterList[]> {
  const { agent_id: agentId, graph_id: graphId, status } = filter;
  const wanted = (...statuses: Status[]) => status === undefined || statuses.some((one) => status.includes(one));
  if (graphId !== undefined) {
    const graph = await ports.graphs.get(graphId);
    return [{ name: 'graph', ids: graph?.tasks.map(({ record }) => record.id) ?? [] }];
  }
  const since = filter.created_after === undefined ? undefined : milliseconds(filter.created_after);
  const statuses = endedStatuses.filter((one) => wanted(one));
  if (agentId !== undefined) {
    const agent = wanted('assigned', 'running') ? await ports.agents.get(agentId) : undefined;
    return [
      { name: '1 held', ids: Object.keys(agent?.inbox ?? {}) },
      ...optional(statuses.length > 0, { name: '2 ended', since, list: { of: 'agent', agentId, statuses } }),
    ];
  }
  const lanes = wanted('pending') ? await ports.lanes.all() : [];
  const timers = { of: 'timers' } as const;
  return [
    ...optional(wanted('waiting', 'blocked'), { name: '1 checks', list: { of: 'checks' } }),
    ...optional(wanted('pending', 'assigned', 'running'), { name: '2 timers', list: timers }),
    ...lanes.map((lane): FilterList => ({
      name: `3 lane ${laneName(lane)}`,
      list: { of: 'lane', lane, newestFirst: true },
    })),
    ...optional(wanted('pending') && wanted('assigned', 'running'), { name: '4 timers', isReread: true, list: timers }),
    ...optional(statuses.length > 0, { name: '5 ended', since, list: { of: 'ended', statuses } }),
  ].sort((one, other) => (one.name < other.name ? -1 : 1));
}

const optional = (isWanted: boolean, list: FilterList): FilterList[] => (isWanted ? [list] : []);

/** One page of a list, after a position. */
export async function pageOf(
  { listings }: Pick<Ports, 'listings'>,
  source: FilterList,
  limit: number,
  { after, since }: { after: string | undefined; since: number | undefined },
): Promise<ListedTask[]> {
  if ('ids' in source) {
    const ids = source.ids.filter((id) => after === undefined || id > after).toSorted();
    return ids.slice(0, limit).map((id) => ({ id, position: id }));
  }
  const isByEnd = source.list.of === 'ended' || source.list.of === 'agent';
  const from = isByEnd ? Math.max(source.since ?? 0, since ?? 0) : 0;
  const range = { ...(after !== undefined && { after }), ...(from > 0 && { since: from }) };
  return listings.page(source.list, limit, range);
}

export function matches(task: TaskRecord, filter: TaskFilter): boolean {
  const { status, task_type: type, agent_id: agentId, priority, graph_id: graphId } = filter;
  const after = filter.created_after === undefined ? -Infinity : milliseconds(filter.created_after);
  const before = filter.created_before === undefined ? Infinity : milliseconds(filter.created_before);
  return (
    (status === undefined || status.includes(task.status)) &&
    (type === undefined || task.type === type) &&
    (agentId === undefined || holdOf(task)?.agentId === agentId) &&
    (priority === undefined || task.priority === priority) &&
    (graphId === undefined || task.graphId === graphId) &&
    task.createdAt >= after &&
    task.createdAt <= before
  );
}

const milliseconds = (instant: string | number) => (typeof instant === 'number' ? instant * 1000 : Date.parse(instant));
