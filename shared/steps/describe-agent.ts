import type * as nouns from '../contract/nouns.ts';
import { limits } from '../contract/limits.ts';
import { Refusal } from '../contract/problem.ts';
import type { AgentRecord } from '../domain/agent.ts';
import type { Ports } from '../ports.ts';
import { presentAgent } from '../wire/present-agent.ts';

/**
 * One agent in wire format.
 * @param known its record, if the caller has just written it
 * @throws Refusal agent_not_found
 */
export async function describeAgent(ports: Ports, id: string, known?: AgentRecord): Promise<nouns.Agent> {
  const { agents, clock, settings } = ports;
  const agent = known ?? (await agents.get(id));
  if (!agent) throw new Refusal('agent_not_found', `Agent ${id} not found.`);
  const profile = (await agents.profiles([agent])).get(id);
  return presentAgent(agent, profile, clock.now(), settings);
}

/** The refusal when an agent would have too many capabilities. */
export const tooManyCapabilities = (id: string) =>
  new Refusal('too_many_capabilities', `Agent ${id} would have more than ${limits.capabilities} capabilities.`);
