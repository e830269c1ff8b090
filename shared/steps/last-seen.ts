import { isSeenDue, isStale, slotsUsed, type AgentRecord } from '../domain/agent.ts';
import type { Ports } from '../ports.ts';
import { clearStaleOffers } from './stale-offers.ts';

/**
 * Notes that an agent gave a sign of life, at most every 30 s. Then its inbox is looked through too, so that an offer whose
 * process died does not use up a slot for ever. One that comes back, or
 * gets room by it, is offered the work that waits for it.
 * @param inbox whether the caller reads the inbox anyway
 */
export async function refreshAgent(
  ports: Ports,
  agent: AgentRecord | string | undefined,
  inbox: 'inbox is read' | 'inbox is not read' = 'inbox is not read',
): Promise<void> {
  const { agents, wakeUps, clock, settings } = ports;
  const record = typeof agent === 'string' ? (await agents.getMany([agent]))[0] : agent;
  if (!record) return;
  const now = clock.now();
  if (!isSeenDue(record, now)) return;
  const [, cleared] = await Promise.all([
    agents.seen(record, now),
    inbox === 'inbox is not read' ? clearStaleOffers(ports, record) : undefined,
  ]);
  const hasMoreRoom = cleared !== undefined && slotsUsed(cleared.agent) < slotsUsed(record);
  if (hasMoreRoom || isStale(record, now, settings)) await wakeUps.send([{ wakeUp: { agent_id: record.id } }]);
}
