import { inBatches } from '../batches.ts';
import type { Lane } from '../domain/lane.ts';
import { isPending, type PendingTask } from '../domain/task.ts';
import type { Ports, ReadyTask } from '../ports.ts';

/** How many lanes are read concurrently. */
export const lanesAtOnce = 10;

/** The first tasks of several lanes, in the order in which they should run. */
export async function laneHeads(
  { listings }: Pick<Ports, 'listings'>,
  lanes: readonly Pick<Lane, 'key' | 'routing'>[],
  limit: number,
): Promise<ReadyTask[]> {
  const found = await inBatches(lanes, lanesAtOnce, (lane) => listings.lane(lane, limit));
  return inLaneOrder(found.flat());
}

/** Ready tasks of several lanes, in the order in which they should run. */
export const inLaneOrder = (tasks: readonly ReadyTask[]) =>
  [...tasks].sort((one, other) => (one.order < other.order ? -1 : 1));

/** The maximum number of lanes read for one response; if there are more, a different selection each time. */
export const maxLanesRead = 50;

/**
 * The first tasks of several lanes as task records, without those that have just left their lane; from a selection of
 * lanes if there are very many.
 */
export async function firstInLanes(ports: Ports, lanes: readonly Lane[], limit: number): Promise<PendingTask[]> {
  const some = shuffled(ports, lanes).slice(0, maxLanesRead);
  const heads = (await laneHeads(ports, some, limit)).slice(0, limit);
  const found = await ports.tasks.getMany(heads.map(({ id }) => id));
  return found.filter(isPending);
}

export function shuffled<T>({ random }: Pick<Ports, 'random'>, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: random.fraction() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}

/** The head of each of these lanes that has ready work. */
export async function headsOf(ports: Ports, lanes: readonly Lane[]): Promise<{ lane: Lane; task: PendingTask }[]> {
  const heads = await inBatches(lanes, lanesAtOnce, (lane) => ports.listings.lane(lane, 1));
  const found = new Map((await ports.tasks.getMany(heads.flat().map(({ id }) => id))).map((task) => [task.id, task]));
  return lanes.flatMap((lane, n) => {
    const task = found.get(heads[n]?.[0]?.id ?? '');
    return task && isPending(task) ? [{ lane, task }] : [];
  });
}
