import * as contract from '../../contract/agents.ts';
import { describeAgent } from '../../steps/describe-agent.ts';
import { requireCurrent } from '../../domain/instance.ts';
import { requireInstance } from '../../steps/current-instance.ts';
import { implement } from '../implement.ts';
import { actingAgent } from '../../domain/caller.ts';

export const drainAgent = implement(
  contract.drainAgent,
  async (ports, { agent_id: named, until_registered, instance }, caller) => {
    const id = actingAgent(caller, named) ?? named;
    if (instance !== undefined) await requireInstance(ports, id, instance);
    const agent = await (until_registered
      ? ports.agents.leave(id, instance)
      : ports.agents.setState(id, 'draining', instance));
    if (agent && instance !== undefined) requireCurrent(agent, instance);
    return describeAgent(ports, id, agent);
  },
);
