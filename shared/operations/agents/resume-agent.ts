import * as contract from '../../contract/agents.ts';
import { describeAgent } from '../../steps/describe-agent.ts';
import { implement } from '../implement.ts';
import { actingAgent } from '../../domain/caller.ts';

export const resumeAgent = implement(contract.resumeAgent, async (ports, { agent_id: named }, caller) => {
  const id = actingAgent(caller, named) ?? named;
  const agent = await ports.agents.setState(id, 'active');
  if (agent?.state === 'active') await ports.wakeUps.send([{ wakeUp: { agent_id: id } }]);
  return describeAgent(ports, id, agent);
});
