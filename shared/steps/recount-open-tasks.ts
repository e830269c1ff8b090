import { inBatches } from '../batches.ts';
import { laneName } from '../domain/lane.ts';
import { isCounted } from '../domain/statistics.ts';
import { isEnded } from '../domain/task.ts';
import type { Ports, Recount, RecountPlace, TaskList } from '../ports.ts';

/**
 * The indexes are read this long after a recount began; by then they include every change that stream consumers
 * processed before they knew of the recount.
 */
const indexesLagMs = 15_000;
/** Marks that the stream has not delivered by then are not waited for. */
const maxWaitForMarksMs = 15 * 60_000;
const tasksPerPage = 100;
/** How many tasks are marked concurrently. */
export const marksAtOnce = 25;

/**
 * Continues the recount in progress, or begins one. It is exact while tasks keep changing: a task is in the new counts
 * from the moment it is marked, and every open task gets marked: by this step if it does not move, because then it
 * stays in the indexes, and by the stream consumer when it moves.
 * @returns the recount's number, how many tasks this call read, and whether the new counts are in use
 */
export async function recountOpenTasks(
  ports: Ports,
  hasTime: () => boolean,
): Promise<{ recount: number; tasks: number; isDone: boolean }> {
  const { recounts, clock } = ports;
  const recount = await recounts.begin();
  const unfinished = { recount: recount.recount, tasks: 0, isDone: false };
  if (clock.now() < recount.begunAt + indexesLagMs) return unfinished;
  const start = (await recounts.place(recount.recount)) ?? { list: '', marked: 0 };
  const { place, tasks } = await markAll(ports, recount, start, hasTime);
  await recounts.move(recount.recount, place);
  if (place.list !== afterAllLists) return { ...unfinished, tasks };
  const isLate = clock.now() > recount.begunAt + maxWaitForMarksMs;
  return { ...unfinished, tasks, isDone: await recounts.end(recount.recount, isLate ? 0 : place.marked) };
}

/** Sorts after the names of all lists. */
const afterAllLists = '~';

async function markAll(
  ports: Ports,
  recount: Recount,
  start: RecountPlace,
  hasTime: () => boolean,
): Promise<{ place: RecountPlace; tasks: number }> {
  let { after, marked } = start;
  let tasks = 0;
  for (const { name, list } of await openLists(ports, start.list)) {
    if (name !== start.list) after = undefined;
    for (;;) {
      if (!hasTime()) return { place: { list: name, marked, ...(after !== undefined && { after }) }, tasks };
      const entries = await ports.listings.page(list, tasksPerPage, after === undefined ? {} : { after });
      const read = await ports.tasks.getMany(
        entries.map(({ id }) => id),
        { consistent: true },
      );
      const unmarked = read.filter((task) => !isEnded(task) && !isCounted(task, recount));
      const made = await inBatches(unmarked, marksAtOnce, ({ id }) => ports.tasks.markCounted(id, recount.recount));
      marked += made.filter(Boolean).length;
      tasks += entries.length;
      after = entries.at(-1)?.position;
      if (entries.length < tasksPerPage) break;
    }
  }
  return { place: { list: afterAllLists, marked }, tasks };
}

/** The lists that hold open tasks, from the given one on, in the order in which tasks usually pass through them. */
async function openLists({ lanes }: Ports, from: string): Promise<{ name: string; list: TaskList }[]> {
  const all: { name: string; list: TaskList }[] = [
    { name: '1 checks', list: { of: 'checks' } },
    ...(await lanes.all()).map((lane) => ({
      name: `2 lane ${laneName(lane)}`,
      list: { of: 'lane' as const, lane },
    })),
    { name: '3 timers', list: { of: 'timers' } },
  ];
  return all.filter(({ name }) => name >= from).sort((one, other) => (one.name < other.name ? -1 : 1));
}
