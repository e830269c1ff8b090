import { outcomeOf, type AgentRecord } from '../domain/agent.ts';
import type { Hold, TaskRecord } from '../domain/task.ts';
import type { FreedSlot, Ports } from '../ports.ts';

/** An entry in the inbox of an agent. */
export interface InboxEntry {
  taskId: string;
  token: string;
  /** As it was found; undefined when it was not read, or does not exist. */
  task: TaskRecord | undefined;
}

type SlotPorts = Pick<Ports, 'agents' | 'lanes'>;

/**
 * Takes an entry out of an agent's inbox, with the outcome of its hold if it had won and has ended since.
 * @returns the agent as it is now, if it is registered
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
 * Frees the slot of a hold that has ended and counts its outcome for the agent: once, however often it is repeated. The
 * stream consumer repeats it in case that whoever ended the hold died before this.
 * @param hold who held the task under which offer
 * @param seenAt given when it is the agent that asks
 * @returns the agent as it is now, if it is registered
 */
export async function freeSlot(
  ports: SlotPorts,
  task: TaskRecord,
  { agentId, offer }: Pick<Hold, 'agentId' | 'offer'>,
  seenAt?: number,
): Promise<AgentRecord | undefined> {
  return ports.agents.freeSlot(agentId, await freedSlot(ports, task, offer), seenAt);
}

/** The slot of a hold that has ended, with its outcome. */
export async function freedSlot({ lanes }: Pick<Ports, 'lanes'>, task: TaskRecord, offer: string): Promise<FreedSlot> {
  const outcome = outcomeOf(task, offer) ?? { kind: 'none' };
  const slot = { taskId: task.id, token: offer, outcome };
  if (outcome.kind === 'none') return slot;
  return { ...slot, requirements: (await lanes.requirements([task.lane])).get(task.lane) ?? [] };
}
