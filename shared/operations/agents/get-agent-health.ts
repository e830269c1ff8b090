import * as contract from '../../contract/agents.ts';
import { Refusal } from '../../contract/problem.ts';
import { implement } from '../implement.ts';
import { presentHealth } from '../../wire/present-agent.ts';

export const getAgentHealth = implement(
  contract.getAgentHealth,
  async ({ agents, clock, settings }, { agent_id: id }) => {
    const agent = await agents.get(id);
    if (!agent) throw new Refusal('agent_not_found', `Agent ${id} not found.`);
    return presentHealth(agent, clock.now(), settings);
  },
);
