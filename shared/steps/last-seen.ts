import { isSeenDue, isStale, slotsUsed, type AgentRecord } from '../domain/agent.ts';
import type { Ports } from '../ports.ts';
import { clearStaleOffers } from './stale-offers.ts';

/**
 * Records that an agent was seen, at most every 30 s. At the same time it clears its inbox of stale offers, so that the
 * offer of a process that died does not occupy a slot forever. An agent that comes back, or gains room, is offered
 * waiting work.
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
