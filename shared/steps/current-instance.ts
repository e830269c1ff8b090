import type { AgentRecord } from '../domain/agent.ts';
import { isCurrent, requireCurrent } from '../domain/instance.ts';
import type { Ports } from '../ports.ts';

/**
 * The agent, if this process may act in its name. Read from cache if possible; an apparent other process is read again,
 * since this one may have registered just before.
 * @returns undefined if the agent is not registered
 * @throws Refusal agent_replaced, agent_in_use
 */
export async function requireInstance(
  { agents }: Pick<Ports, 'agents'>,
  id: string,
  instance: string | undefined,
): Promise<AgentRecord | undefined> {
  const [cached] = await agents.getMany([id]);
  const agent = cached && isCurrent(cached, instance) ? cached : await agents.get(id);
  if (agent) requireCurrent(agent, instance);
  return agent;
}
