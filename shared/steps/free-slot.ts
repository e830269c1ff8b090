import { outcomeOf, type AgentRecord } from '../domain/agent.ts';
import type { Hold, TaskRecord } from '../domain/task.ts';
import type { FreedSlot, Ports } from '../ports.ts';

/** An entry in an agent's inbox. */
export interface InboxEntry {
  taskId: string;
  token: string;
  /** The task as read; undefined if it was not read or does not exist. */
  task: TaskRecord | undefined;
}

type SlotPorts = Pick<Ports, 'agents' | 'lanes'>;

/**
 * Removes an entry from an agent's inbox. If its offer won a hold that has ended, the outcome is counted with it.
 * @returns the agent afterwards, if it is registered
 */
export const removeEntry = (
  ports: SlotPorts,
  agentId: string,
  { taskId, token, task }: InboxEntry,
): Promise<AgentRecord | undefined> =>
  task
    ? freeSlot(ports, task, { agentId, offer: token })
    : ports.agents.freeSlot(agentId, { taskId, token, outcome: { kind: 'none' } });

/**
 * Frees the slot of an ended hold and counts its outcome for the agent, exactly once. The stream consumer repeats this
 * in case the process that ended the hold died first.
 * @param hold the holder and its offer
 * @param seenAt set if the agent itself is asking
 * @returns the agent afterwards, if it is registered
 */
export async function freeSlot(
  ports: SlotPorts,
  task: TaskRecord,
  { agentId, offer }: Pick<Hold, 'agentId' | 'offer'>,
  seenAt?: number,
): Promise<AgentRecord | undefined> {
  return ports.agents.freeSlot(agentId, await freedSlot(ports, task, offer), seenAt);
}

/** The slot of an ended hold, with its outcome. */
export async function freedSlot({ lanes }: Pick<Ports, 'lanes'>, task: TaskRecord, offer: string): Promise<FreedSlot> {
  const outcome = outcomeOf(task, offer) ?? { kind: 'none' };
  const slot = { taskId: task.id, token: offer, outcome };
  if (outcome.kind === 'none') return slot;
  return { ...slot, requirements: (await lanes.requirements([task.lane])).get(task.lane) ?? [] };
}
