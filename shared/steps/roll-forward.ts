import { inBatches } from '../batches.ts';
import { dependencyChange } from '../domain/dependencies.ts';
import type { GraphRecord, Ports } from '../ports.ts';
import { takeDependencySteps } from './dependency-steps.ts';

/** How many tasks are written at the same time. */
const writesAtOnce = 25;

/**
 * Writes those tasks of a committed graph that are not written yet, as they stand by now: what their dependencies did
 * meanwhile they find on their placeholders. Harmless to repeat, also by two at once.
 */
export async function rollForward(ports: Ports, graph: GraphRecord): Promise<void> {
  const { tasks, graphs, clock, settings } = ports;
  // Once only: tasks that have been deleted since must not be written again.
  if (graph.isWritten) return;
  const ids = graph.tasks.map(({ record }) => record.id);
  const own = new Set(ids);
  const external = graph.tasks.flatMap(({ dependencies }) => dependencies.filter((id) => !own.has(id)));
  const [written, parents] = await Promise.all([
    tasks.getMany(ids, { consistent: true }),
    tasks.getMany([...new Set(external)], { consistent: true }),
  ]);
  const states = new Map([...parents, ...written].map((task) => [task.id, task.status]));
  const existing = new Set(written.map(({ id }) => id));
  const missing = graph.tasks.filter(({ record }) => !existing.has(record.id));
  await inBatches(missing, writesAtOnce, async ({ record, dependencies }) => {
    const ordinals = dependencies.map((id) => states.get(id) ?? (own.has(id) ? 'waiting' : undefined));
    const first = dependencyChange(record, ordinals, clock.now(), settings);
    const created = await tasks.create({ record, first });
    if (created.task) await takeDependencySteps(ports, created.task);
  });
  await graphs.markWritten(graph.id);
}
