import * as contract from '../../contract/agents.ts';
import { Refusal } from '../../contract/problem.ts';
import { implement } from '../implement.ts';
import { actingAgent } from '../../domain/caller.ts';
import { presentHealth } from '../../wire/present-agent.ts';

export const updateAgentPerformance = implement(contract.updateAgentPerformance, async (ports, input, caller) => {
  const { agents, tasks, clock, settings } = ports;
  const id = actingAgent(caller, input.agent_id) ?? input.agent_id;
  const outcome = input.success
    ? ({ kind: 'completed', durationMs: input.duration_ms } as const)
    : ({ kind: 'failed' } as const);
  // The outcome of a queued task is counted when its hold ends, before or after this report.
  const isQueued = input.task_id !== undefined && (await tasks.get(input.task_id)) !== undefined;
  const agent = await (isQueued ? agents.get(id) : agents.record(id, outcome, clock.now(), input.task_id));
  if (!agent) throw new Refusal('agent_not_found', `Agent ${id} not found.`);
  return presentHealth(agent, clock.now(), settings);
});
