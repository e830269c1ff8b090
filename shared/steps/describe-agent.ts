import type * as nouns from '../contract/nouns.ts';
import { limits } from '../contract/limits.ts';
import { Refusal } from '../contract/problem.ts';
import type { Ports } from '../ports.ts';
import { presentAgent } from '../wire/present.ts';

/**
 * One agent in its wire form.
 * @throws Refusal agent_not_found
 */
export async function describeAgent({ agents, clock, settings }: Ports, id: string): Promise<nouns.Agent> {
  const agent = await agents.get(id);
  if (!agent) throw new Refusal('agent_not_found', `Agent ${id} not found.`);
  const profile = (await agents.profiles([agent])).get(id);
  return presentAgent(agent, profile, clock.now(), settings);
}

/** The refusal of more capabilities than an agent may have. */
export const tooManyCapabilities = (id: string) =>
  new Refusal('too_many_capabilities', `Agent ${id} would have more than ${limits.capabilities} capabilities.`);
