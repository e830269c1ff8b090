import type { Status } from '../contract/nouns.ts';
import { isStale, slotsUsed, successRate, unavailable, type AgentProfile, type AgentRecord } from './agent.ts';
import type { Settings } from './settings.ts';
import type { QueueCounters } from './statistics.ts';

export interface FleetMember {
  agent: AgentRecord;
  profile: AgentProfile | undefined;
}

/** An agent with this share of its slots in use is a hotspot. */
const hotFrom = 0.8;
/** Agents that share a capability and differ by more than this share of their slots call for a rebalance. */
export const skewedFrom = 0.5;

export const utilization = (agent: AgentRecord) => Math.min(1, slotsUsed(agent) / agent.maximum);

/** Those that take work. Agents that drain or have left are counted apart, and that they are idle or unseen is no fault. */
export const activeIn = (fleet: readonly FleetMember[]) => fleet.filter(({ agent }) => agent.state === 'active');

/** All agents summed up, the means without those that have left. Rates are from 0 to 1; without agents the success rate is 1. */
export function summarize(fleet: readonly FleetMember[], now: number, settings: Settings) {
  const all = fleet.map(({ agent }) => agent);
  const agents = all.filter(({ state }) => state !== 'left');
  const skills = new Map<string, number>();
  for (const name of fleet.flatMap(({ profile }) => Object.keys(profile?.capabilities ?? {}))) {
    skills.set(name, (skills.get(name) ?? 0) + 1);
  }
  return {
    total_agents: all.length,
    available_agents: agents.filter((agent) => !unavailable(agent, { excluded: {} }, now, settings)).length,
    busy_agents: agents.filter((agent) => slotsUsed(agent) > 0).length,
    stale_agents: agents.filter((agent) => agent.state === 'active' && isStale(agent, now, settings)).length,
    draining_agents: agents.filter(({ state }) => state !== 'active').length,
    left_agents: all.length - agents.length,
    avg_success_rate: mean(agents.map(successRate), 1),
    avg_utilization: mean(agents.map(utilization), 0),
    skill_distribution: Object.fromEntries(skills),
    hotspot_agents: agents.filter((agent) => utilization(agent) >= hotFrom).map(({ id }) => id),
  };
}

const mean = (values: readonly number[], without: number) =>
  values.length === 0 ? without : Math.min(1, values.reduce((sum, value) => sum + value, 0) / values.length);

/** The largest difference in utilization between active agents that share a capability, from 0 to 1, and where it is. */
export function skewOf(fleet: readonly FleetMember[]): { skew: number; capability?: string } {
  const ranges = new Map<string, { least: number; most: number }>();
  for (const { agent, profile } of activeIn(fleet)) {
    const used = utilization(agent);
    for (const name of Object.keys(profile?.capabilities ?? {})) {
      const { least, most } = ranges.get(name) ?? { least: used, most: used };
      ranges.set(name, { least: Math.min(least, used), most: Math.max(most, used) });
    }
  }
  const widest = [...ranges].sort(([, one], [, other]) => other.most - other.least - (one.most - one.least))[0];
  return widest ? { skew: widest[1].most - widest[1].least, capability: widest[0] } : { skew: 0 };
}

/** How much of the work is assigned and how evenly the agents are used. */
export function routingStatistics(counts: Pick<QueueCounters, Status>, fleet: readonly FleetMember[]) {
  const { waiting, pending, assigned, running, completed, failed, blocked, cancelled } = counts;
  const given = assigned + running + completed + failed;
  const total = given + waiting + pending + blocked + cancelled;
  const { skew } = skewOf(fleet);
  return {
    total_tasks: total,
    assigned_count: given,
    assignment_rate: total === 0 ? 1 : given / total,
    should_rebalance: skew > skewedFrom,
    skew,
  };
}
