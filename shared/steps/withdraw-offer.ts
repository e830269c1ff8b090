import { slotsUsed } from '../domain/agent.ts';
import { isPending } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { removeEntry, type InboxEntry } from './free-slot.ts';

/**
 * Takes back an offer. If it had won after all and its hold has ended since, the outcome is counted with it. While it was
 * there the agent may have looked full to whoever had work for it, so it is offered work again where this makes room:
 *
 *     router 1:  offer a | lose a to another agent                       | withdraw | wake-up
 *     router 2:                | the agent is full: b stays in its lane
 *
 * A task that is still pending did not suit the agent, and would be offered, lost and withdrawn again without end.
 *
 * @param asked the agent asked for work itself: it needs no wake-up, since it asks again
 */
export async function withdrawOffer(
  ports: Ports,
  agentId: string,
  lost: InboxEntry,
  { asked }: { asked: boolean },
): Promise<void> {
  const agent = await removeEntry(ports, agentId, lost);
  const makesRoom = agent !== undefined && slotsUsed(agent) === agent.maximum - 1;
  const mayGetAnother = lost.task === undefined || !isPending(lost.task);
  if (makesRoom && !asked && mayGetAnother) await ports.wakeUps.send([{ wakeUp: { agent_id: agentId } }]);
}
