import * as contract from '../../contract/work.ts';
import { Refusal } from '../../contract/problem.ts';
import type { Unavailable } from '../../domain/agent.ts';
import { isHeld } from '../../domain/task.ts';
import { firstOf, noneAvailable } from '../../domain/wording.ts';
import { rankedCandidates } from '../../steps/ranked-candidates.ts';
import { implement } from '../implement.ts';

export const routeTask = implement(contract.routeTask, async (ports, { task_id: id, exclude_agents: excluded }) => {
  const task = await ports.tasks.get(id);
  if (!task) throw new Refusal('task_not_found', `Task ${id} not found.`);
  const { needed, candidates } = await rankedCandidates(ports, task, new Set(excluded));
  if (isHeld(task) && !excluded.includes(task.agentId)) {
    return { task_id: id, selected_agent: task.agentId, candidates, reason: `${task.agentId} already holds the task.` };
  }
  const selected = candidates.find((candidate) => candidate.available);
  return {
    task_id: id,
    selected_agent: selected?.agent_id ?? null,
    candidates,
    reason: selected
      ? `${selected.agent_id} has the best score of the available agents.`
      : reasonForNone(candidates, needed, excluded),
  };
});

function reasonForNone(
  candidates: readonly { agent_id: string; reason?: Unavailable }[],
  needed: readonly string[],
  excluded: readonly string[],
): string {
  if (candidates.length > 0) {
    return noneAvailable(candidates.flatMap(({ agent_id, reason }) => (reason ? [{ agent_id, reason }] : [])));
  }
  const who = excluded.length === 0 ? 'No agent' : `No agent besides ${firstOf(excluded)}`;
  // Agents unseen for an hour drop out of the memberships that routing reads.
  return needed.length === 0
    ? `${who} was seen in the last hour.`
    : `${who} seen in the last hour has all of ${needed.join(', ')}.`;
}
