import { dependencyChange, dependencyStatus } from '../domain/dependencies.ts';
import type { GraphMember } from '../domain/graph-decision.ts';
import { isEnded, type TaskRecord } from '../domain/task.ts';
import type { GraphRecord, Ports } from '../ports.ts';

/** The existing tasks of a graph, and whether none of them can change without intervention. */
export interface GraphState {
  records: TaskRecord[];
  isSettled: boolean;
}

/**
 * The current state of a graph's tasks. An eventually consistent read, possibly seconds old, is good enough for
 * display, but not to report a graph as settled, since tasks may have been created or retried since. If the graph seems
 * settled, its tasks are read again, consistently.
 */
export async function graphState(ports: Ports, graph: GraphRecord): Promise<GraphState> {
  const ids = graph.tasks.map(({ record }) => record.id);
  const records = await ports.tasks.getMany(ids);
  if (!mayBeSettled(graph, records)) return { records, isSettled: false };
  const latest = await ports.tasks.getMany(ids, { consistent: true });
  return { records: latest, isSettled: mayBeSettled(graph, latest) && (await areBlockedForGood(ports, graph, latest)) };
}

const mayBeSettled = ({ decision, isWritten, tasks }: GraphRecord, records: readonly TaskRecord[]) =>
  !decision &&
  (isWritten || records.length === tasks.length) &&
  records.every((task) => isEnded(task) || task.status === 'blocked');

/** A task stays blocked for a moment after a retried dependency has completed, just before it is released. */
async function areBlockedForGood(
  { tasks, clock, settings }: Ports,
  graph: GraphRecord,
  records: readonly TaskRecord[],
): Promise<boolean> {
  const dependenciesOf = new Map(graph.tasks.map(({ record, dependencies }) => [record.id, dependencies]));
  const blocked = records
    .filter(({ status }) => status === 'blocked')
    .map((task): GraphMember => ({ task, dependencies: dependenciesOf.get(task.id) ?? [] }));
  const statuses = new Map(records.map(({ id, status }) => [id, status]));
  const others = blocked.flatMap(({ dependencies }) => dependencies).filter((id) => !statuses.has(id));
  for (const [id, status] of await tasks.statuses([...new Set(others)])) statuses.set(id, status);
  return blocked.every(({ task, dependencies }) => {
    const found = dependencies.map((id, ordinal) => dependencyStatus(task, ordinal, statuses.get(id)));
    return dependencyChange(task, found, clock.now(), settings).set.status === 'blocked';
  });
}
