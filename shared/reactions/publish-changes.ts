import { eventOf, freedHold, readyWakeUp, type TaskChange } from '../domain/task-change.ts';
import type { CountedBatch, Events, WakeUp, Ports } from '../ports.ts';
import { freeSlot } from '../steps/free-slot.ts';

/** Changes of tasks as the stream tells them, in the order of one shard. */
export interface ChangeBatch {
  shardId: string;
  changes: readonly (TaskChange & { sequenceNumber: string })[];
}

type PublishPorts = Ports & { events: Events };

/**
 * The outbox: whatever follows from a change that is committed. Ready tasks are sent to the router, transitions are
 * published, slots that were not freed are freed, and the statistics are kept. All of it may be repeated.
 */
export async function publishChanges(ports: PublishPorts, batch: ChangeBatch): Promise<void> {
  const { clock, statistics, wakeUps } = ports;
  const { changes } = batch;
  const now = clock.now();
  const [freed, counts] = await Promise.all([
    settleFreed(ports, changes),
    statistics.add(batch satisfies CountedBatch),
    publishEvents(ports, changes),
  ]);
  const ready = changes.map((change) => readyWakeUp(change, now)).filter((wakeUp) => wakeUp !== undefined);
  const isWaiting = freed.size > 0 && (counts ?? (await statistics.queue())).pendingAuto > 0;
  const offers = isWaiting ? [...freed].map((agentId): { wakeUp: WakeUp } => ({ wakeUp: { agent_id: agentId } })) : [];
  await wakeUps.send([...ready, ...offers]);
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

/**
 * Frees the slots of holds that have ended, if whoever ended them has not.
 * @returns the agents that have a free slot now
 */
async function settleFreed(ports: Ports, changes: readonly TaskChange[]): Promise<Set<string>> {
  const ended = changes.flatMap((change) => {
    const hold = freedHold(change);
    return hold ? [{ ...hold, after: change.after }] : [];
  });
  const ids = [...new Set(ended.map(({ agentId }) => agentId))];
  const found = new Map((ids.length > 0 ? await ports.agents.getMany(ids) : []).map((agent) => [agent.id, agent]));
  await Promise.all(
    ended.map(async ({ agentId, taskId, offer, after }) => {
      if (found.get(agentId)?.inbox[taskId] !== offer) return;
      if (after) await freeSlot(ports, after, { agentId, offer });
      else await ports.agents.freeSlot(agentId, taskId, offer, { kind: 'none' });
    }),
  );
  return new Set(ids);
}
