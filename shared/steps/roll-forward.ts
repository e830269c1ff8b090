import { paced } from '../batches.ts';
import { dependencyChange } from '../domain/dependencies.ts';
import type { Status } from '../contract/nouns.ts';
import type { GraphRecord, Ports } from '../ports.ts';
import type { TaskRecord } from '../domain/task.ts';
import { announceReady } from './announce-ready.ts';
import { confirmFailures } from './check-dependencies.ts';

/** How many tasks are written concurrently. */
const writesAtOnce = 25;

/**
 * Writes the tasks of a committed graph that do not exist yet, in their current state: what their dependencies did in
 * the meantime is on their placeholders. Idempotent, also when run concurrently.
 * @param options.hasTime returns false when it should stop soon; the sweep continues
 * @param options.external set right after the commit, when none of the tasks can exist: the statuses of dependencies
 * outside the graph, read after its edges were written. Nothing needs to be read then.
 * @returns whether all tasks are written
 */
export async function rollForward(
  ports: Ports,
  graph: GraphRecord,
  { hasTime, external }: { hasTime: () => boolean; external?: ReadonlyMap<string, Status> | undefined },
): Promise<boolean> {
  const { tasks, graphs, clock, settings, isUnavailable } = ports;
  // At most once: tasks that have been deleted since must not be written again.
  if (graph.isWritten) return true;
  const own = new Set(graph.tasks.map(({ record }) => record.id));
  const statuses = external ?? (await statusesAround(ports, graph));
  const missing = graph.tasks.filter(({ record }) => !statuses.has(record.id));
  const pacing = { atOnce: writesAtOnce, isBusy: isUnavailable, hasTime };
  const written: TaskRecord[] = [];
  const isWritten = await paced([missing], pacing, async ({ record, dependencies }) => {
    const ordinals = dependencies.map((id) => statuses.get(id) ?? (own.has(id) ? 'waiting' : undefined));
    const first = dependencyChange(record, ordinals, clock.now(), settings);
    const created = await tasks.create({ record, first });
    if (created.task) written.push(await confirmFailures(ports, created.task));
  });
  await announceReady(ports, written);
  if (isWritten) await graphs.markWritten(graph.id);
  return isWritten;
}

/** The statuses of the graph's existing tasks and of its dependencies outside. */
function statusesAround({ tasks }: Ports, graph: GraphRecord): Promise<Map<string, Status>> {
  const ids = graph.tasks.flatMap(({ record, dependencies }) => [record.id, ...dependencies]);
  return tasks.statuses([...new Set(ids)]);
}
