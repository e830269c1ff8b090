import type { AgentRecord } from '../domain/agent.ts';
import { requeue, take, type Offer } from '../domain/holding.ts';
import { isTakeable, mayBeRemoved } from '../domain/offer.ts';
import { isHeld, isPending, type AssignedBy, type HeldTask, type TaskRecord } from '../domain/task.ts';
import { releaseToHolder } from '../domain/dependencies.ts';
import type { FreedSlot, Ports, ReadyTask } from '../ports.ts';
import { withdrawOffer } from './withdraw-offer.ts';

/** Tasks to give to an agent. */
export interface TakeRequest {
  agent: AgentRecord;
  tasks: readonly Pick<ReadyTask, 'id' | 'timeoutMs' | 'attempt' | 'edge'>[];
  by: AssignedBy;
  start: boolean;
  /** The agent itself asks for them, which shows that it is alive. */
  asked: boolean;
  /** A slot of the agent to free with the offer. */
  freed?: FreedSlot | undefined;
}

export interface TakeResult {
  /** The tasks that it got. */
  tasks: HeldTask[];
  /** The other tasks, in their current state. */
  missed: TaskRecord[];
  /** Whether the agent had room for them and took work. */
  offered: boolean;
  /** The agent after the offer, or as it refused the offer; undefined if it no longer exists. */
  agent: AgentRecord | undefined;
}

/**
 * Offers tasks to an agent, then takes them for it: first the slot, then the task, each in one conditional write, so
 * that no agent ever exceeds its maximum and no task has two holders. Offers that win nothing are withdrawn.
 */
export async function takeOffers(
  ports: Ports,
  { agent, tasks, by, start, asked, freed }: TakeRequest,
): Promise<TakeResult> {
  const { agents, clock } = ports;
  const instance = asked ? agent.instance?.id : undefined;
  // A claim that finds the timeout in a token tries to start the task.
  const offered = start ? tasks.map(({ id }) => ({ id })) : tasks;
  const offer = await agents.offer(agent, offered, asked ? clock.now() : undefined, freed);
  if (!offer.offered) return { tasks: [], missed: [], ...offer };

  const isWon = (task: TaskRecord): task is HeldTask => isHeld(task) && task.offer === offer.tokens[task.id];
  const results = await Promise.all(
    tasks.map(async (ready) => {
      const { id } = ready;
      const token = offer.tokens[id] ?? '';
      const task = await tryToTake(ports, ready, { agentId: agent.id, token, by, start, instance });
      if (!task || !isWon(task)) await withdrawOffer(ports, agent.id, { taskId: id, token, task }, { asked });
      return task;
    }),
  );
  const found = results.filter((task) => task !== undefined);
  return {
    tasks: found.filter(isWon),
    missed: found.filter((task) => !isWon(task)),
    offered: true,
    agent: offer.agent,
  };
}

/** @returns the task afterwards; undefined if it was not tried or does not exist */
async function tryToTake(
  ports: Ports,
  { edge, ...ready }: TakeRequest['tasks'][number],
  offer: Offer,
): Promise<TaskRecord | undefined> {
  const { tasks, clock, settings } = ports;
  const now = clock.now();
  if (!isTakeable(offer.token, now)) return undefined;
  const { task } = await tasks.apply(
    ready.id,
    edge ? releaseToHolder(edge, offer, now, settings) : take(ready, offer, now, settings),
  );
  // Another process has released it since, and no agent has taken it.
  if (edge && task && isPending(task)) return tryToTake(ports, { ...ready, attempt: 0 }, offer);
  if (!task || !isHeld(task) || task.offer !== offer.token || !mayBeRemoved(offer.token, clock.now())) return task;
  // This process was delayed for so long that the slot may be in use again: the task is requeued at once.
  const returned = await tasks.apply(ready.id, requeue(task, { cause: 'offer_expired' }, clock.now(), settings));
  return returned.task;
}
