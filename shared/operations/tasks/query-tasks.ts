import { limits } from '../../contract/limits.ts';
import * as contract from '../../contract/tasks.ts';
import type * as z from 'zod';
import { holdOf, type TaskRecord } from '../../domain/task.ts';
import type { Ports, TaskList } from '../../ports.ts';
import { decodeCursor, encodeCursor, type ListPosition } from '../../wire/cursor.ts';
import { implement } from '../implement.ts';
import { presentSummaries } from '../../wire/present-task.ts';

type Filter = z.output<typeof contract.queryTasks.input>;

/** How many entries of the indexes one call looks at: filters that no index knows may leave a page short. */
const maxTasksRead = 400;
/** How many sources one call begins. */
const mostSources = 20;

const endedStatuses = ['completed', 'failed', 'cancelled'] as const;

/**
 * Lists tasks from the smallest set of index partitions that holds all that match, one after the other. Costs depend on
 * the page, never on how many tasks there are.
 */
export const queryTasks = implement(contract.queryTasks, async (ports, filter) => {
  const start = decodeCursor(filter);
  const sources = (await sourcesFor(ports, filter))
    .filter(({ name }) => name >= start.list)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const found: TaskRecord[] = [];
  let looked = 0;
  let next: ListPosition | undefined;

  for (const [n, source] of sources.entries()) {
    let after = source.name === start.list ? start.after : undefined;
    if (n >= mostSources) next ??= { list: source.name };
    while (!next) {
      // The more did not match, the more are read at a time.
      const size = Math.max(filter.limit - found.length, Math.min(looked - found.length, limits.pageSize));
      const entries = await page(ports, source, size, after);
      const read = await ports.tasks.getMany(entries.map(({ id }) => id));
      const byId = new Map(read.map((task) => [task.id, task]));
      for (const { id, position } of entries) {
        if (found.length === filter.limit) break;
        const task = byId.get(id);
        if (task && matches(task, filter)) found.push(task);
        looked += 1;
        after = position;
      }
      const isFull = found.length === filter.limit;
      if (!isFull && entries.length < size) break;
      if (isFull || looked >= maxTasksRead) next = { list: source.name, ...(after && { after }) };
    }
    if (next) break;
  }
  const tasks = await presentSummaries(ports, found);
  return { tasks, ...(next && { next_cursor: encodeCursor(next, filter) }) };
});

/** Where a part of the answer comes from. The names sort like the order in which the sources are gone through. */
type Source = { name: string; since: number | undefined } & ({ list: TaskList } | { ids: readonly string[] });

async function page({ listings }: Ports, source: Source, limit: number, after: string | undefined) {
  if ('ids' in source) {
    const ids = source.ids.filter((id) => after === undefined || id > after).toSorted();
    return ids.slice(0, limit).map((id) => ({ id, position: id }));
  }
  const { since } = source;
  const range = { ...(after !== undefined && { after }), ...(since !== undefined && { since }) };
  return listings.page(source.list, limit, range);
}

async function sourcesFor(ports: Ports, filter: Filter): Promise<Source[]> {
  const { agent_id: agentId, graph_id: graphId, status } = filter;
  const wanted = (...statuses: TaskRecord['status'][]) => status === undefined || statuses.includes(status);
  if (graphId !== undefined) {
    const graph = await ports.graphs.get(graphId);
    return [{ name: 'graph', since: undefined, ids: graph?.tasks.map(({ record }) => record.id) ?? [] }];
  }
  // Ended tasks are listed by when they ended, which was after they were created.
  const since = filter.created_after === undefined ? undefined : milliseconds(filter.created_after);
  const finals = endedStatuses.filter((one) => wanted(one));
  if (agentId !== undefined) {
    const agent = wanted('assigned', 'running') ? await ports.agents.get(agentId) : undefined;
    return [
      { name: '1 held', since: undefined, ids: Object.keys(agent?.inbox ?? {}) },
      ...finals.map((one) => ({ name: `2 ${one}`, since, list: { of: 'agent' as const, agentId, status: one } })),
    ];
  }
  const lanes = wanted('pending') ? await ports.lanes.all() : [];
  return [
    ...lanes.map((lane) => ({
      name: `1 lane ${lane.routing} ${lane.key}`,
      since: undefined,
      list: { of: 'lane' as const, lane },
    })),
    ...(wanted('pending', 'assigned', 'running')
      ? [{ name: '2 timers', since: undefined, list: { of: 'timers' as const } }]
      : []),
    ...(wanted('waiting', 'blocked') ? [{ name: '3 checks', since: undefined, list: { of: 'checks' as const } }] : []),
    ...finals.map((one) => ({ name: `4 ${one}`, since, list: { of: 'ended' as const, status: one } })),
  ];
}

function matches(task: TaskRecord, filter: Filter): boolean {
  const { status, task_type: type, agent_id: agentId, priority, graph_id: graphId } = filter;
  const after = filter.created_after === undefined ? -Infinity : milliseconds(filter.created_after);
  const before = filter.created_before === undefined ? Infinity : milliseconds(filter.created_before);
  return (
    (status === undefined || task.status === status) &&
    (type === undefined || task.type === type) &&
    (agentId === undefined || holdOf(task)?.agentId === agentId) &&
    (priority === undefined || task.priority === priority) &&
    (graphId === undefined || task.graphId === graphId) &&
    task.createdAt >= after &&
    task.createdAt <= before
  );
}

const milliseconds = (instant: string | number) => (typeof instant === 'number' ? instant * 1000 : Date.parse(instant));
