import type { Agent } from '#shared/contract/nouns.ts';
import type { OutputOf } from '#clients/sdk/operation-methods.ts';
import { countText } from './words.ts';

export type AgentHealthState = Agent['health']['status'];

/** The meaning of an agent's state, as a tooltip. */
export const meaningOfHealth: Readonly<Record<AgentHealthState, string>> = {
  healthy: 'Responding, and its tasks succeed',
  degraded: 'At most 80% of its tasks succeed',
  stale: 'Not responding: it gets no new work',
  draining: 'Finishes the tasks it holds and gets no new ones',
  left: 'Stopped on purpose',
};

/** The state of the agents, in a sentence. */
export function agentsHeadline(agents: OutputOf<'get_agent_statistics'>): { title: string; lead: string } {
  const here = agents.total_agents - agents.left_agents;
  if (here === 0) return { title: 'No agent is registered', lead: 'Tasks wait until one is.' };
  const slots = `${agents.slots_used} of ${countText(agents.slots_total, 'slot')} in use.`;
  if (agents.stale_agents > 0) {
    return {
      title: `${countText(agents.stale_agents, 'agent is', 'agents are')} not responding`,
      lead: `${slots} ${countText(agents.available_agents, 'agent')} can take a task now.`,
    };
  }
  const title =
    agents.available_agents === 0
      ? 'No agent is free'
      : `${countText(agents.available_agents, 'agent')} can take a task now`;
  return { title, lead: `${slots} ${agents.busy_agents} of ${countText(here, 'agent')} at work.` };
}

type Capability = Agent['capabilities'][number];

/** The color intensity of a capability, from 1 to 5, by its confidence. */
export const heatOf = ({ confidence }: Pick<Capability, 'confidence'>) =>
  Math.max(1, Math.min(5, Math.ceil(confidence * 5)));

/** The evidence for the confidence in a capability. */
export function evidenceOf({ source, completed, failed }: Capability): string {
  const outcomes = completed + failed;
  return outcomes === 0 ? `${source}, not tried yet` : `${completed} of ${countText(outcomes, 'task')} completed`;
}
