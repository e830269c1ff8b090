import { slotsUsed } from '../domain/agent.ts';
import { hasCounted } from '../domain/dependencies.ts';
import {
  affectsDependents,
  eventOf,
  freedHold,
  isPublic,
  readyWakeUp,
  releaseEventOf,
  type TaskChange,
} from '../domain/task-change.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { CountedBatch, Events, WakeUp, Ports } from '../ports.ts';
import { removeEntry } from '../steps/free-slot.ts';
import { fewDependents, withChildren, type Dependent } from '../steps/update-dependents.ts';

/** Task changes from the stream, in the order of one shard. */
export interface ChangeBatch {
  shardId: string;
  changes: readonly (TaskChange & { sequenceNumber: string })[];
}

type PublishPorts = Ports & { events: Events };

/**
 * The outbox: does everything that follows from a committed change. It wakes the router for ready tasks, publishes
 * events, releases dependents and frees slots unless that is done already, and keeps the counts of graphs. Idempotent.
 * Statistics have their own stream consumer (count-changes.ts).
 * @throws the errors of its parts, after all have run: no part keeps another from running
 */
export async function publishChanges(ports: PublishPorts, batch: ChangeBatch): Promise<void> {
  const ended = endedHolds(batch.changes);
  const [freeing, publishing, counting] = await Promise.allSettled([
    freeSlots(ports, ended),
    publishEvents(ports, batch.changes),
    ports.graphs.count(batch satisfies CountedBatch),
  ]);
  const free = freeing.status === 'fulfilled' ? freeing.value : new Set(ended.map(({ agentId }) => agentId));
  const [waking] = await Promise.allSettled([wake(ports, batch.changes, free)]);
  const outcomes = [freeing, publishing, counting, waking];
  const errors = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (errors.length > 1) throw new AggregateError(errors, errors.map(String).join('; '));
  if (errors.length > 0) throw errors[0];
}

/**
 * Wakes the router for tasks that became ready and, if work is waiting, for agents that have a free slot now. The
 * operation that made a task ready may have done so already; by now, such a task usually has an agent.
 */
async function wake(
  { clock, statistics, tasks, wakeUps }: PublishPorts,
  changes: readonly TaskChange[],
  free: ReadonlySet<string>,
): Promise<void> {
  const now = clock.now();
  // Attempts only grow, so old or stale data can repeat a wake-up, but never lose one.
  const latest = new Map(changes.flatMap(({ after }) => (after ? [[after.id, after.attempt]] : [])));
  const ready = changes
    .map((change) => readyWakeUp(change, now))
    .filter((wakeUp) => wakeUp !== undefined)
    .filter(({ task }) => (latest.get(task.id) ?? 0) <= task.attempt);
  const atOnce = ready.flatMap(({ task, delayMs }) => (delayMs === 0 ? [task.id] : []));
  const found = new Map((atOnce.length > 0 ? await tasks.getMany(atOnce) : []).map((task) => [task.id, task.attempt]));
  const isTaken = ({ id, attempt }: TaskRecord) => (found.get(id) ?? 0) > attempt;
  const wanted = ready
    .filter(({ task }) => !isTaken(task))
    .map(({ task, delayMs }) => ({ wakeUp: { task_id: task.id }, delayMs }));
  // Counts only save useless wake-ups. A negative count is wrong. The router rechecks what is not counted yet.
  const isWaiting = free.size > 0 && (await statistics.queue()).pendingAuto !== 0;
  const offers = isWaiting ? [...free].map((agentId): { wakeUp: WakeUp } => ({ wakeUp: { agent_id: agentId } })) : [];
  await wakeUps.send([...wanted, ...offers]);
}

/** Publishes events, and starts the release of dependents that are not up to date. */
async function publishEvents(ports: PublishPorts, changes: readonly TaskChange[]): Promise<void> {
  const published = changes
    .map(eventOf)
    .filter((event) => event !== undefined)
    .filter((event) => isPublic(event, ports.settings));
  const parents = changes.flatMap(({ before, after }) => (after && affectsDependents(before, after) ? [after] : []));
  const ids = new Set([...published.map(({ detail }) => detail.task_id), ...parents.map(({ id }) => id)]);
  const dependents = new Map(
    await Promise.all([...ids].map(async (id) => [id, await fewDependents(ports, id)] as const)),
  );
  const hasDependents = (id: string) => (dependents.get(id)?.edges.length ?? 0) > 0;
  const updated = await withUpdatedDependents(ports, changes, parents, dependents);
  await ports.events.publish([
    ...published.map(({ type, detail }) => ({
      type,
      detail: { ...detail, has_dependents: hasDependents(detail.task_id) },
    })),
    ...parents.filter(({ id }) => hasDependents(id) && !updated.has(id)).map(releaseEventOf),
  ]);
}

/**
 * The completed tasks whose dependents are up to date, which is most of them: a completion updates its dependents
 * itself.
 */
async function withUpdatedDependents(
  ports: PublishPorts,
  changes: readonly TaskChange[],
  parents: readonly TaskRecord[],
  dependents: ReadonlyMap<string, Awaited<ReturnType<typeof fewDependents>>>,
): Promise<Set<string>> {
  const few = parents.flatMap(({ id, status }) => {
    const { edges, areAll } = dependents.get(id) ?? { edges: [], areAll: false };
    return status === 'completed' && areAll ? edges : [];
  });
  const now = ports.clock.now();
  const isUpToDate = ({ edge, child }: Dependent) => hasCounted(edge, child, now, ports.settings);
  // Most dependents change right after their dependency, so this batch often includes their change.
  const inBatch = new Map(changes.flatMap(({ after }) => (after ? [[after.id, after]] : [])));
  const unknown = few.filter((edge) => !isUpToDate({ edge, child: inBatch.get(edge.childId) }));
  const found = await withChildren(ports, unknown, 'all');
  const outdated = new Set(found.flatMap((dependent) => (isUpToDate(dependent) ? [] : [dependent.edge.parentId])));
  return new Set(few.flatMap(({ parentId }) => (outdated.has(parentId) ? [] : [parentId])));
}

interface EndedHold {
  agentId: string;
  taskId: string;
  offer: string;
  after: TaskRecord | undefined;
}

const endedHolds = (changes: readonly TaskChange[]): EndedHold[] =>
  changes.flatMap((change) => {
    const hold = freedHold(change);
    return hold ? [{ ...hold, after: change.after }] : [];
  });

/**
 * Frees the slots of ended holds that are still occupied.
 * @returns the agents that may have room now. An agent whose slot was freed earlier and that is full again, as after
 * claim_next, has no room until a later change
 */
async function freeSlots(ports: Ports, ended: readonly EndedHold[]): Promise<Set<string>> {
  const ids = [...new Set(ended.map(({ agentId }) => agentId))];
  const found = new Map((ids.length > 0 ? await ports.agents.getMany(ids) : []).map((agent) => [agent.id, agent]));
  const agents = await Promise.all(
    ended.map(async ({ agentId, taskId, offer, after }) => {
      const agent = found.get(agentId);
      if (agent?.inbox[taskId] !== offer) return agent;
      return removeEntry(ports, agentId, { taskId, token: offer, task: after });
    }),
  );
  const withRoom = agents.filter((agent) => agent?.state === 'active' && slotsUsed(agent) < agent.maximum);
  return new Set(withRoom.flatMap((agent) => agent?.id ?? []));
}
