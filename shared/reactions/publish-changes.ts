import { inBatches } from '../batches.ts';
import { slotsUsed } from '../domain/agent.ts';
import { eventOf, freedHold, readyWakeUp, type TaskChange } from '../domain/task-change.ts';
import type { QueueCounters } from '../domain/statistics.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { CountedBatch, Counting, Events, WakeUp, Ports } from '../ports.ts';
import { removeEntry } from '../steps/free-slot.ts';
import { marksAtOnce } from '../steps/recount-open-tasks.ts';

/** Changes of tasks as the stream tells them, in the order of one shard. */
export interface ChangeBatch {
  shardId: string;
  changes: readonly (TaskChange & { sequenceNumber: string })[];
}

type PublishPorts = Ports & { events: Events; counting: Counting };

/**
 * The outbox: whatever follows from a change that is committed. Ready tasks are sent to the router, transitions are
 * published, slots that were not freed are freed, and the statistics and the counts of graphs are kept. All of it may be repeated.
 * @throws what one of these met, after all of them were tried: trouble with one thing stops none of the others
 */
export async function publishChanges(ports: PublishPorts, batch: ChangeBatch): Promise<void> {
  const ended = endedHolds(batch.changes);
  const [counting, settling, publishing, ofGraphs] = await Promise.allSettled([
    ports.counting.add(batch satisfies CountedBatch),
    settleFreed(ports, ended),
    publishEvents(ports, batch.changes),
    ports.graphs.count(batch satisfies CountedBatch),
  ]);
  const counts = counting.status === 'fulfilled' ? counting.value : undefined;
  const free = settling.status === 'fulfilled' ? settling.value : new Set(ended.map(({ agentId }) => agentId));
  const following = await Promise.allSettled([
    wake(ports, batch.changes, free, counts),
    counting.status === 'fulfilled' && markUncounted(ports, batch),
  ]);
  const outcomes = [counting, settling, publishing, ofGraphs, ...following];
  const errors = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (errors.length > 1) throw new AggregateError(errors, errors.map(String).join('; '));
  if (errors.length > 0) throw errors[0];
}

/** Wakes the router for what became ready and, where work waits for it, for the agents that have a free slot now. */
async function wake(
  { clock, statistics, wakeUps }: PublishPorts,
  changes: readonly TaskChange[],
  free: ReadonlySet<string>,
  counts: QueueCounters | undefined,
): Promise<void> {
  const now = clock.now();
  const ready = changes.map((change) => readyWakeUp(change, now)).filter((wakeUp) => wakeUp !== undefined);
  // A count may only spare what is of no use. One below zero is wrong, and one that hides waiting work the sweep finds out.
  const isWaiting = free.size > 0 && (counts ?? (await statistics.queue())).pendingAuto !== 0;
  const offers = isWaiting ? [...free].map((agentId): { wakeUp: WakeUp } => ({ wakeUp: { agent_id: agentId } })) : [];
  await wakeUps.send([...ready, ...offers]);
}

/** During a recount tasks that move are marked here: whoever reads the indexes may miss them. */
async function markUncounted({ tasks, counting }: PublishPorts, { changes }: ChangeBatch): Promise<void> {
  const { ids, recount } = counting.uncounted(changes);
  await inBatches(ids, marksAtOnce, (id) => tasks.markCounted(id, recount));
}

/** Only tasks that others depend on make the release of dependents run. */
async function publishEvents({ tasks, events, settings }: PublishPorts, changes: readonly TaskChange[]): Promise<void> {
  const told = changes
    .map(eventOf)
    .filter((event) => event !== undefined)
    .filter(({ type }) => settings.publishedEvents.has(type));
  const ids = [...new Set(told.map(({ detail }) => detail.task_id))];
  const dependents = new Map(await Promise.all(ids.map(async (id) => [id, await tasks.hasDependents(id)] as const)));
  await events.publish(
    told.map(({ type, detail }) => ({
      type,
      detail: { ...detail, has_dependents: dependents.get(detail.task_id) ?? false },
    })),
  );
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
 * Frees the slots of holds that have ended, if whoever ended them has not.
 * @returns the agents that may have room now. One that was full after its slot was free has got other work since, as with
 * claim_next: it has no room until another change tells of it
 */
async function settleFreed(ports: Ports, ended: readonly EndedHold[]): Promise<Set<string>> {
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
