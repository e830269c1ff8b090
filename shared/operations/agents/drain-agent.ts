import * as contract from '../../contract/agents.ts';
import { describeAgent } from '../../steps/describe-agent.ts';
import { implement } from '../implement.ts';
import { actingAgent } from '../../domain/caller.ts';

export const drainAgent = implement(
  contract.drainAgent,
  async (ports, { agent_id: named, until_registered }, caller) => {
    const id = actingAgent(caller, named) ?? named;
    const agent = await (until_registered ? ports.agents.leave(id) : ports.agents.setState(id, 'draining'));
    return describeAgent(ports, id, agent);
  },
);
