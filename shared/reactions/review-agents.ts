import { slotsUsed, type AgentRecord } from '../domain/agent.ts';
import { mergedFleet, summarize, type FleetSummary } from '../domain/fleet.ts';
import { times } from '../domain/settings.ts';
import type { Ports, Turn } from '../ports.ts';
import { finishLeaving } from '../steps/deregister.ts';

/** How many agents one sweep visits. */
const agentsPerSweep = 1000;

/**
 * Visits agents in turn: summarizes them for the snapshot, continues deregistrations that nobody repeats, and removes
 * agents that were not seen for 30 days and hold nothing.
 */
export async function reviewAgents(
  ports: Ports,
  part: (name: string, look: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const turn = await ports.agents.nextInTurn(agentsPerSweep);
  await part('snapshot of the agents', () => summarizeFleet(ports, turn));
  for (const agent of turn.items) {
    if (agent.state !== 'leaving' && !isRemovable(ports, agent)) continue;
    await part(`agent ${agent.id}`, () => reviewAgent(ports, agent));
  }
}

async function summarizeFleet({ agents, snapshots, clock, settings }: Ports, turn: Turn<AgentRecord>): Promise<void> {
  const profiles = await agents.profiles(turn.items);
  const fleet = turn.items.map((agent) => ({ agent, profile: profiles.get(agent.id) }));
  const visited = summarize(fleet, clock.now(), settings);
  const summary = turn.carried === undefined ? visited : mergedFleet(JSON.parse(turn.carried) as FleetSummary, visited);
  if (turn.isLast) await snapshots.put('fleet', { summary, at: clock.now() });
  await turn.advance(JSON.stringify(summary));
}

const isRemovable = ({ clock }: Ports, agent: AgentRecord) =>
  clock.now() - agent.seenAt > times.removedAfterMs && slotsUsed(agent) === 0;

async function reviewAgent(ports: Ports, read: AgentRecord): Promise<void> {
  const { agents, clock } = ports;
  if (read.state === 'leaving') {
    const agent = await agents.get(read.id);
    if (agent?.state === 'leaving') await finishLeaving(ports, agent);
  } else {
    const agent = await agents.beginLeaving(read.id, clock.now(), read.seenAt);
    if (agent) await finishLeaving(ports, agent);
  }
}
