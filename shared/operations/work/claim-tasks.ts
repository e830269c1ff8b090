import * as contract from '../../contract/work.ts';
import { Refusal } from '../../contract/problem.ts';
import { slotsUsed, type AgentRecord } from '../../domain/agent.ts';
import { actingAgent } from '../../domain/caller.ts';
import { isCurrent, requireCurrent } from '../../domain/instance.ts';
import type { Ports } from '../../ports.ts';
import { claim, type Claim } from '../../steps/claim-work.ts';
import { likelyHeads } from '../../steps/fill-slots.ts';
import { implement } from '../implement.ts';

export const claimTasks = implement(contract.claimTasks, async (ports, { agent_id: named, ...wanted }, caller) => {
  const agentId = actingAgent(caller, named) ?? named;
  const [agent, heads] = await Promise.all([
    readAgent(ports, agentId, wanted),
    likelyHeads(ports, agentId, wanted.limit),
  ]);
  if (!agent) throw new Refusal('agent_not_found', `Agent ${agentId} not found.`);
  requireCurrent(agent, wanted.instance);
  return claim(ports, agent, wanted, heads);
});

/**
 * Read cheaply; what looks missing, another's or full of what the caller knows is read again, since the agent may have reported or
 * registered just before.
 */
async function readAgent(
  { agents }: Ports,
  id: string,
  { instance, holding }: Pick<Claim, 'holding'> & { instance?: string | undefined },
): Promise<AgentRecord | undefined> {
  const [agent] = await agents.getMany([id]);
  if (!agent || !isCurrent(agent, instance)) return agents.get(id);
  const hasRoom = slotsUsed(agent) < agent.maximum;
  const hasNews = holding && Object.keys(agent.inbox).some((held) => !holding.some(({ task_id }) => task_id === held));
  return hasRoom || hasNews ? agent : agents.get(id);
}
