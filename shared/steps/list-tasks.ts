import type { TaskFilter } from '../contract/tasks.ts';
import { isEnded, type TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { decodeCursor, encodeCursor } from '../wire/cursor.ts';
import { listsFor, type FilterList } from './task-lists.ts';
import { TaskPage } from './task-page.ts';

/**
 * The minimum number of walks; one more if the second takes several calls. A task that moves back in every walk, each
 * time just before it is reached, is missed: docs/decisions/listing-walks.md.
 */
const minWalks = 2;
const maxWalks = 3;

interface Listing {
  found: TaskRecord[];
  next_cursor?: string;
}

/**
 * One page of the tasks that match a filter. Every task that exists throughout is listed at least once, even if tasks
 * move between pages:
 *
 *     walk 1:  checks | timers | lanes | timers | ended
 *                  tasks that move forward are met later in the walk
 *                          <- tasks that move back (retry, requeue, release) may be missed
 *     walk 2:  the same lists, only for tasks that moved since walk 1 began
 *
 * If one call makes both walks, the second reads the indexes, but none of the tasks that the first has read. The cost
 * of a page depends on its size, never on the total number of tasks.
 */
export async function listTasks(
  ports: Ports,
  operation: string,
  request: TaskFilter & { limit: number; cursor?: string | undefined },
): Promise<Listing> {
  const now = ports.clock.now();
  const lists = await listsFor(ports, request);
  const start = decodeCursor(operation, request);
  let { listed, ...walk } = start.walk ?? { number: 1, begunAt: now, movedSince: now, listed: '' };
  const page = new TaskPage(ports, request, listed);
  let stop = await page.continueWalk(lists, walk, start);
  const isEnough = walk.number >= (start.list === '' ? minWalks : maxWalks);
  if (!stop && !isEnough && canMoveBack(lists)) {
    walk = { number: walk.number + 1, begunAt: now, movedSince: walk.begunAt };
    stop = await page.continueWalk(lists, walk, { list: '' });
  }
  const found = page.found.toSorted(newestFirst);
  if (!stop) return { found };
  listed = canMoveBack(lists) ? page.remembered : '';
  return { found, next_cursor: encodeCursor({ ...stop, walk: { ...walk, listed } }, operation, request) };
}

/** Whether a task can move back past the read position: open tasks can, except in listings of a graph or an agent. */
const canMoveBack = (lists: readonly FilterList[]) => {
  const kinds = lists.flatMap((one) => ('list' in one ? [one.list.of] : []));
  return kinds.includes('timers') || (kinds.includes('checks') && kinds.includes('ended'));
};

const newestFirst = (one: TaskRecord, other: TaskRecord) =>
  recency(other) - recency(one) || (one.id < other.id ? 1 : -1);

const recency = (task: TaskRecord) => (isEnded(task) ? task.endedAt : task.createdAt);
