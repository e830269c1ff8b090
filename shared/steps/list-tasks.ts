import type { TaskFilter } from '../contract/tasks.ts';
import { isEnded, type TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { decodeCursor, encodeCursor } from '../wire/cursor.ts';
import { listsFor, type FilterList } from './task-lists.ts';
import { TaskPage } from './task-page.ts';

/**
 * A task that goes back in each walk, each time before it is reached, is missed: docs/decisions/listing-walks.md. There are at least so
 * many walks, one more where the second takes several calls.
 */
const minWalks = 2;
const maxWalks = 3;

interface Listing {
  found: TaskRecord[];
  next_cursor?: string;
}

/**
 * One page of the tasks that match a filter. What exists all the while is listed at least once, whatever moves between pages:
 *
 *     walk 1:  checks | timers | lanes | timers | ended
 *                  what goes on is met further on
 *                          <- what goes back (retry, requeue, release) may get behind what was read
 *     walk 2:  the same lists, for what has moved since walk 1 began
 *
 * Where one call makes both walks, the second reads the indexes but none of the tasks that the first has read. What a page costs
 * depends on the page, never on how many tasks there are.
 */
export async function listTasks(
  ports: Ports,
  request: TaskFilter & { limit: number; cursor?: string | undefined },
): Promise<Listing> {
  const now = ports.clock.now();
  const lists = await listsFor(ports, request);
  const start = decodeCursor(request);
  let { listed, ...walk } = start.walk ?? { number: 1, begunAt: now, movedSince: now, listed: '' };
  const page = new TaskPage(ports, request, listed);
  let stop = await page.walkOn(lists, walk, start);
  const isEnough = walk.number >= (start.list === '' ? minWalks : maxWalks);
  if (!stop && !isEnough && mayGoBack(lists)) {
    walk = { number: walk.number + 1, begunAt: now, movedSince: walk.begunAt };
    stop = await page.walkOn(lists, walk, { list: '' });
  }
  const found = page.found.toSorted(newestFirst);
  if (!stop) return { found };
  listed = mayGoBack(lists) ? page.remembered : '';
  return { found, next_cursor: encodeCursor({ ...stop, walk: { ...walk, listed } }, request) };
}

/** Whether a task may get behind what has been read: of the open ones, those of a graph and of an agent apart. */
const mayGoBack = (lists: readonly FilterList[]) => {
  const kinds = lists.flatMap((one) => ('list' in one ? [one.list.of] : []));
  return kinds.includes('timers') || (kinds.includes('checks') && kinds.includes('ended'));
};

const newestFirst = (one: TaskRecord, other: TaskRecord) =>
  newness(other) - newness(one) || (one.id < other.id ? 1 : -1);

const newness = (task: TaskRecord) => (isEnded(task) ? task.endedAt : task.createdAt);
