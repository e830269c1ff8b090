import * as contract from '../../contract/agents.ts';
import { Refusal } from '../../contract/problem.ts';
import { threeDigits } from '../../domain/numbers.ts';
import { describeAgent, tooManyCapabilities } from '../../steps/describe-agent.ts';
import { implement } from '../implement.ts';
import { actingAgent, requireGranted } from '../../domain/caller.ts';

export const learnCapability = implement(contract.learnCapability, async (ports, input, caller) => {
  const { capability, confidence } = input;
  const id = actingAgent(caller, input.agent_id) ?? input.agent_id;
  requireGranted(caller, [{ capability, path: ['capability'] }]);
  const learned = await ports.agents.learn(id, capability, threeDigits(confidence));
  if (learned === 'no_agent') throw new Refusal('agent_not_found', `Agent ${id} not found.`);
  if (learned === 'too_many') throw tooManyCapabilities(id);
  await ports.wakeUps.send([{ wakeUp: { agent_id: id } }]);
  return describeAgent(ports, id, learned);
});
