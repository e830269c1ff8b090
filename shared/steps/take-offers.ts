import type { AgentRecord } from '../domain/agent.ts';
import { requeue, take } from '../domain/holding.ts';
import { isAbandoned, isTakeable } from '../domain/offer.ts';
import { isHeld, type AssignedBy, type HeldTask, type TaskRecord } from '../domain/task.ts';
import type { Ports, ReadyTask } from '../ports.ts';
import { withdrawOffer } from './withdraw-offer.ts';

/** Tasks that an agent is to be given. */
export interface Choice {
  agent: AgentRecord;
  tasks: readonly Pick<ReadyTask, 'id' | 'timeoutMs'>[];
  by: AssignedBy;
  start: boolean;
  /** The agent asks for them itself, which shows that it is alive. */
  asked: boolean;
}

export interface Taken {
  /** The tasks that it got. */
  tasks: HeldTask[];
  /** The others, as they stand. */
  missed: TaskRecord[];
  /** Whether the agent had room for them and took work. */
  offered: boolean;
  /** The agent as it was after the offer, or as it refused it; undefined: it is gone. */
  agent: AgentRecord | undefined;
}

/**
 * Offers tasks to an agent, then takes them for it: first the slot, then the task, each in one conditional write, so that
 * no agent ever holds more than its maximum and no task has two holders. What it did not win it withdraws.
 */
export async function takeOffers(ports: Ports, { agent, tasks, by, start, asked }: Choice): Promise<Taken> {
  const { agents, clock, random } = ports;
  const instance = asked ? agent.instance?.id : undefined;
  const tokens = Object.fromEntries(tasks.map(({ id }) => [id, random.token()]));
  const offered = await agents.offer(agent, tokens, asked ? clock.now() : undefined);
  if (!offered.offered) return { tasks: [], missed: [], ...offered };

  const isWon = (task: TaskRecord): task is HeldTask => isHeld(task) && task.offer === tokens[task.id];
  const results = await Promise.all(
    tasks.map(async ({ id, timeoutMs }) => {
      const token = tokens[id] ?? '';
      const task = await tryToTake(ports, id, { agentId: agent.id, token, by, start, instance }, timeoutMs);
      if (!task || !isWon(task)) await withdrawOffer(ports, agent.id, { taskId: id, token, task }, { asked });
      return task;
    }),
  );
  const found = results.filter((task) => task !== undefined);
  return { tasks: found.filter(isWon), missed: found.filter((task) => !isWon(task)), ...offered };
}

/** @returns the task as it stands; undefined when it was not tried or does not exist */
async function tryToTake(
  { tasks, clock, settings }: Ports,
  id: string,
  offer: Parameters<typeof take>[0],
  timeoutMs: number,
): Promise<TaskRecord | undefined> {
  const now = clock.now();
  if (!isTakeable(offer.token, now)) return undefined;
  const { task } = await tasks.apply(id, take(offer, timeoutMs, now, settings));
  if (!task || !isHeld(task) || task.offer !== offer.token || !isAbandoned(offer.token, clock.now())) return task;
  // This process was held up for so long that the slot may have been given away: the task goes back at once.
  const returned = await tasks.apply(id, requeue(task, { cause: 'offer_expired' }, clock.now(), settings));
  return returned.task;
}
