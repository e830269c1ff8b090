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
    hasEnough(ports, agentId, wanted) ? undefined : likelyHeads(ports, agentId, wanted.limit),
  ]);
  if (!agent) throw new Refusal('agent_not_found', `Agent ${agentId} not found.`);
  requireCurrent(agent, wanted.instance);
  return claim(ports, agent, wanted, heads);
});

/** Whether the agent was recently assigned as many tasks as it wants, so that its lanes need not be read. */
function hasEnough({ agents }: Ports, id: string, { holding, limit }: Claim): boolean {
  const agent = agents.recentlyWritten(id);
  return agent !== undefined && countUnlisted(holding, agent) >= limit;
}

/** How many held tasks the caller does not list; none if it lists nothing. */
const countUnlisted = (holding: Claim['holding'], { inbox }: AgentRecord) =>
  holding ? Object.keys(inbox).filter((id) => holding.every(({ task_id }) => task_id !== id)).length : 0;

/**
 * Read from cache if possible. An agent that seems missing, to belong to another process, or to be full of tasks the
 * caller knows is read again, since it may have reported or registered just before.
 */
async function readAgent(
  { agents }: Ports,
  id: string,
  { instance, holding }: Pick<Claim, 'holding'> & { instance?: string | undefined },
): Promise<AgentRecord | undefined> {
  const [agent] = await agents.getMany([id]);
  if (!agent || !isCurrent(agent, instance)) return agents.get(id);
  const hasRoom = slotsUsed(agent) < agent.maximum;
  return hasRoom || countUnlisted(holding, agent) > 0 ? agent : agents.get(id);
}
