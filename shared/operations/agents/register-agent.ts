import * as contract from '../../contract/agents.ts';
import { Refusal } from '../../contract/problem.ts';
import { occupyAgent } from '../../steps/occupy-agent.ts';
import { describeAgent, tooManyCapabilities } from '../../steps/describe-agent.ts';
import { implement } from '../implement.ts';
import { actingAgent, cappedMaximum, requireGranted } from '../../domain/caller.ts';

const defaultMaximum = 5;

export const registerAgent = implement(contract.registerAgent, async (ports, input, caller) => {
  const id = actingAgent(caller, input.agent_id);
  if (id === undefined) {
    throw new Refusal('invalid_input', '/agent_id: is required, because the key belongs to no agent', {
      errors: [{ pointer: '/agent_id', message: 'is required, because the key belongs to no agent' }],
    });
  }
  const { capabilities, metadata, host } = input;
  requireGranted(
    caller,
    capabilities.map((capability, n) => ({ capability, path: ['capabilities', n] })),
  );
  const maximum = cappedMaximum(
    caller,
    input.max_concurrent_tasks ?? (metadata?.['max_concurrent_tasks'] as number | undefined) ?? defaultMaximum,
  );
  const applicant =
    input.instance === undefined ? undefined : { id: input.instance, ...(host !== undefined && { host }) };
  const instance = await occupyAgent(ports, id, applicant, input.takeover);
  const registered = await ports.agents.register(
    { id, capabilities, maximum, instance, ...(metadata && { metadata }) },
    ports.clock.now(),
  );
  if (registered === 'too_many') throw tooManyCapabilities(id);
  await ports.wakeUps.send([{ wakeUp: { agent_id: id } }]);
  return describeAgent(ports, id, registered);
});
