import { slotsUsed, type AgentRecord } from '../domain/agent.ts';
import { times } from '../domain/settings.ts';
import type { Ports } from '../ports.ts';
import { finishLeaving } from '../steps/deregister.ts';

/** How many of all agents one sweep looks at. */
const agentsPerSweep = 100;

/** Goes on with deregistrations that nobody repeats, and removes agents that were not seen for 30 days and hold nothing. */
export async function reviewAgents(
  ports: Ports,
  part: (name: string, look: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  for (const agent of await ports.agents.nextInTurn(agentsPerSweep)) {
    await part(`agent ${agent.id}`, () => reviewAgent(ports, agent));
  }
}

async function reviewAgent(ports: Ports, read: AgentRecord): Promise<void> {
  const { agents, clock } = ports;
  if (read.state === 'leaving') {
    const agent = await agents.get(read.id);
    if (agent?.state === 'leaving') await finishLeaving(ports, agent);
  } else if (clock.now() - read.seenAt > times.removedAfterMs && slotsUsed(read) === 0) {
    const agent = await agents.beginLeaving(read.id, clock.now(), read.seenAt);
    if (agent) await finishLeaving(ports, agent);
  }
}
