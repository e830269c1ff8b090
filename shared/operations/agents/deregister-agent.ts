import * as contract from '../../contract/agents.ts';
import { implement } from '../implement.ts';
import { actingAgent } from '../../domain/caller.ts';
import { finishLeaving } from '../../steps/deregister.ts';

export const deregisterAgent = implement(contract.deregisterAgent, async (ports, { agent_id: named }, caller) => {
  const id = actingAgent(caller, named) ?? named;
  const agent = await ports.agents.beginLeaving(id, ports.clock.now());
  return { agent_id: id, ...(agent ? await finishLeaving(ports, agent) : { deregistered: false, requeued: [] }) };
});
