import { confidence, slotsUsed, score, successRate, unavailable } from '../domain/agent.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';

/** The maximum number of candidates considered. */
const maxCandidates = 100;

/**
 * A task's requirements and the agents that meet them, best first: by score, then by id. Used for both routing and
 * explaining.
 */
export async function rankedCandidates(
  { agents, lanes, clock, settings }: Ports,
  task: TaskRecord,
  without: ReadonlySet<string> = new Set(),
) {
  const needed = (await lanes.requirements([task.lane])).get(task.lane) ?? [];
  const sample = await agents.capable(needed, maxCandidates, 'first');
  const members = sample.members.filter(({ id }) => !without.has(id));
  const capabilities = new Map(members.map((member) => [member.id, member.capabilities]));
  const records = await agents.getMany(members.map(({ id }) => id));
  const candidates = records.map((agent) => {
    const known = capabilities.get(agent.id) ?? {};
    const why = unavailable(agent, task, clock.now(), settings);
    return {
      agent_id: agent.id,
      score: score(agent, known, needed),
      success_rate: successRate(agent),
      confidence: confidence(agent, known, needed),
      load: slotsUsed(agent),
      max_concurrent_tasks: agent.maximum,
      available: why === undefined,
      ...(why && { reason: why }),
    };
  });
  candidates.sort((one, other) => other.score - one.score || (one.agent_id < other.agent_id ? -1 : 1));
  return { needed, candidates };
}
