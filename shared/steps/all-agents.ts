import type { AgentProfile, AgentRecord } from '../domain/agent.ts';
import type { Ports } from '../ports.ts';

export interface KnownAgent {
  agent: AgentRecord;
  profile: AgentProfile | undefined;
}

/** Every registered agent with its profile; the cost grows with their number. */
export async function allAgents({ agents }: Pick<Ports, 'agents'>): Promise<KnownAgent[]> {
  const known: KnownAgent[] = [];
  let cursor: string | undefined;
  do {
    const page = await agents.list(undefined, 1000, cursor);
    const records = await agents.getMany(page.items);
    const profiles = await agents.profiles(records);
    known.push(...records.map((agent) => ({ agent, profile: profiles.get(agent.id) })));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return known;
}
