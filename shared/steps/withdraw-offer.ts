import { slotsUsed } from '../domain/agent.ts';
import { isPending } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { removeEntry, type InboxEntry } from './free-slot.ts';

/**
 * Withdraws an offer. If the offer did win and its hold has ended since, the outcome is counted with it. During the
 * offer the agent may have looked full to routers with other work, so it is offered work again if it now has room:
 *
 *     router 1:  offer a | lose a to another agent                       | withdraw | wake-up
 *     router 2:                | the agent is full: b stays in its lane
 *
 * A task that is still pending did not suit the agent; waking up for it would offer and withdraw it endlessly.
 *
 * @param asked the agent itself asked for work and will ask again, so it needs no wake-up
 */
export async function withdrawOffer(
  ports: Ports,
  agentId: string,
  lost: InboxEntry,
  { asked }: { asked: boolean },
): Promise<void> {
  const agent = await removeEntry(ports, agentId, lost);
  const wasFull = agent !== undefined && slotsUsed(agent) === agent.maximum - 1;
  const mayGetAnother = lost.task === undefined || !isPending(lost.task);
  if (wasFull && !asked && mayGetAnother) await ports.wakeUps.send([{ wakeUp: { agent_id: agentId } }]);
}
