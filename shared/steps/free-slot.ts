import { outcomeOf, type AgentRecord } from '../domain/agent.ts';
import type { Hold, TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';

/** An entry in the inbox of an agent. */
export interface InboxEntry {
  taskId: string;
  token: string;
  /** As it was found; undefined when it was not read, or does not exist. */
  task: TaskRecord | undefined;
}

/**
 * Takes an entry out of an agent's inbox, with the outcome of its hold if it had won and has ended since.
 * @returns the agent as it is now, if it is registered
 */
export const removeEntry = (
  ports: Pick<Ports, 'agents' | 'lanes'>,
  agentId: string,
  { taskId, token, task }: InboxEntry,
): Promise<AgentRecord | undefined> =>
  task
    ? freeSlot(ports, task, { agentId, offer: token })
    : ports.agents.freeSlot(agentId, taskId, token, { kind: 'none' });

/**
 * Frees the slot of a hold that has ended and counts its outcome for the agent: once, however often it is repeated. The
 * stream consumer repeats it in case that whoever ended the hold died before this.
 * @param hold who held the task under which offer
 * @param seenAt given when it is the agent that asks
 * @returns the agent as it is now, if it is registered
 */
export async function freeSlot(
  { agents, lanes }: Pick<Ports, 'agents' | 'lanes'>,
  task: TaskRecord,
  { agentId, offer }: Pick<Hold, 'agentId' | 'offer'>,
  seenAt?: number,
): Promise<AgentRecord | undefined> {
  const outcome = outcomeOf(task, offer) ?? { kind: 'none' };
  const requirements = outcome.kind === 'none' ? [] : ((await lanes.requirements([task.lane])).get(task.lane) ?? []);
  return agents.freeSlot(agentId, task.id, offer, outcome, { requirements, ...(seenAt !== undefined && { seenAt }) });
}
