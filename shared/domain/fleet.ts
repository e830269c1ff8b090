import type { Status } from '../contract/nouns.ts';
import { isStale, slotsUsed, successRate, unavailable, type AgentProfile, type AgentRecord } from './agent.ts';
import type { Settings } from './settings.ts';
import type { QueueCounters } from './statistics.ts';

export interface FleetMember {
  agent: AgentRecord;
  profile: AgentProfile | undefined;
}

/**
 * The number of agents with a capability, and the lowest and highest utilization among them; null if none is active.
 */
export interface Skill {
  agents: number;
  least: number | null;
  most: number | null;
}

/**
 * A summary of some agents, small however many there are, and mergeable with others. Agents that have left are only
 * counted; active agents are those that take work.
 */
export interface FleetSummary {
  agents: number;
  active: number;
  available: number;
  busy: number;
  stale: number;
  draining: number;
  left: number;
  /** `active`: of active agents that are not stale. */
  slots: { used: number; total: number; active: number };
  /** Sums over agents that have not left. */
  successRates: number;
  utilizations: number;
  /** The most common capabilities. */
  skills: Record<string, Skill>;
  /** Some agents to watch, and the success rates of some that fail often. */
  hotspots: string[];
  unseen: string[];
  poor: Record<string, number>;
}

/** Agents with at least this utilization are hotspots. */
const hotFrom = 0.8;
/** If the utilization of agents that share a capability differs by more than this, a rebalance is due. */
export const skewedFrom = 0.5;
/** As in an agent's health: a success rate up to this is too low. */
const lowSuccess = 0.8;
/** Fewer outcomes than this prove nothing. */
const leastOutcomes = 5;

const maxSkills = 100;
const maxHotspots = 100;
const maxAgentsToInspect = 20;

export const utilization = (agent: AgentRecord) => Math.min(1, slotsUsed(agent) / agent.maximum);

const failsOften = (agent: AgentRecord) =>
  agent.completed + agent.failed >= leastOutcomes && successRate(agent) <= lowSuccess;

/** Agents that are draining or have left are counted separately; for them, being idle or unseen is not a fault. */
export function summarize(fleet: readonly FleetMember[], now: number, settings: Settings): FleetSummary {
  const all = fleet.map(({ agent }) => agent);
  const agents = all.filter(({ state }) => state !== 'left');
  const active = agents.filter(({ state }) => state === 'active');
  const stale = active.filter((agent) => isStale(agent, now, settings));
  const skills = new Map<string, Skill>();
  for (const { agent, profile } of fleet) {
    const used = agent.state === 'active' ? utilization(agent) : null;
    for (const name of Object.keys(profile?.capabilities ?? {})) {
      skills.set(name, both({ agents: 1, least: used, most: used }, skills.get(name)));
    }
  }
  return {
    agents: all.length,
    active: active.length,
    available: agents.filter((agent) => !unavailable(agent, { excluded: {} }, now, settings)).length,
    busy: agents.filter((agent) => slotsUsed(agent) > 0).length,
    stale: stale.length,
    draining: agents.length - active.length,
    left: all.length - agents.length,
    slots: {
      used: sum(agents.map(slotsUsed)),
      total: sum(agents.map(({ maximum }) => maximum)),
      active: sum(active.filter((agent) => !stale.includes(agent)).map(({ maximum }) => maximum)),
    },
    successRates: sum(agents.map(successRate)),
    utilizations: sum(agents.map(utilization)),
    skills: mostCommon([...skills]),
    hotspots: firstIds(agents.filter((agent) => utilization(agent) >= hotFrom)).slice(0, maxHotspots),
    unseen: firstIds(stale).slice(0, maxAgentsToInspect),
    poor: Object.fromEntries(
      active
        .filter(failsOften)
        .slice(0, maxAgentsToInspect)
        .map((agent) => [agent.id, successRate(agent)]),
    ),
  };
}

/** Merges two summaries. */
export function mergedFleet(one: FleetSummary, other: FleetSummary): FleetSummary {
  const skills = new Map(Object.entries(one.skills));
  for (const [name, skill] of Object.entries(other.skills)) skills.set(name, both(skill, skills.get(name)));
  return {
    agents: one.agents + other.agents,
    active: one.active + other.active,
    available: one.available + other.available,
    busy: one.busy + other.busy,
    stale: one.stale + other.stale,
    draining: one.draining + other.draining,
    left: one.left + other.left,
    slots: {
      used: one.slots.used + other.slots.used,
      total: one.slots.total + other.slots.total,
      active: one.slots.active + other.slots.active,
    },
    successRates: one.successRates + other.successRates,
    utilizations: one.utilizations + other.utilizations,
    skills: mostCommon([...skills]),
    hotspots: [...one.hotspots, ...other.hotspots].slice(0, maxHotspots),
    unseen: [...one.unseen, ...other.unseen].slice(0, maxAgentsToInspect),
    poor: Object.fromEntries([...Object.entries(one.poor), ...Object.entries(other.poor)].slice(0, maxAgentsToInspect)),
  };
}

function both(one: Skill, other: Skill | undefined): Skill {
  if (!other) return one;
  return {
    agents: one.agents + other.agents,
    least: one.least === null || other.least === null ? (one.least ?? other.least) : Math.min(one.least, other.least),
    most: one.most === null || other.most === null ? (one.most ?? other.most) : Math.max(one.most, other.most),
  };
}

const mostCommon = (skills: [string, Skill][]): Record<string, Skill> =>
  Object.fromEntries(
    skills
      .sort(([name, one], [other, { agents }]) => agents - one.agents || (name < other ? -1 : 1))
      .slice(0, maxSkills),
  );

const firstIds = (agents: readonly AgentRecord[]) => agents.map(({ id }) => id);

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** A mean of shares from 0 to 1. */
const mean = (total: number, count: number, without: number) => (count === 0 ? without : Math.min(1, total / count));

/** Statistics of all agents; means exclude those that have left. Without agents, the success rate is 1. */
export function fleetStatistics(fleet: FleetSummary) {
  const present = fleet.agents - fleet.left;
  return {
    total_agents: fleet.agents,
    available_agents: fleet.available,
    busy_agents: fleet.busy,
    stale_agents: fleet.stale,
    draining_agents: fleet.draining,
    left_agents: fleet.left,
    slots_used: fleet.slots.used,
    slots_total: fleet.slots.total,
    avg_success_rate: mean(fleet.successRates, present, 1),
    avg_utilization: mean(fleet.utilizations, present, 0),
    skill_distribution: Object.fromEntries(Object.entries(fleet.skills).map(([name, { agents }]) => [name, agents])),
    hotspot_agents: fleet.hotspots,
  };
}

/** The largest utilization gap between active agents that share a capability, from 0 to 1, and the capability. */
export function skewOf({ skills }: FleetSummary): { skew: number; capability?: string } {
  const skews = Object.entries(skills).map(([capability, { least, most }]) => ({
    capability,
    skew: (most ?? 0) - (least ?? 0),
  }));
  return skews.sort((one, other) => other.skew - one.skew)[0] ?? { skew: 0 };
}

/** How much of the work is assigned, and how evenly. */
export function routingStatistics(counts: Pick<QueueCounters, Status>, fleet: FleetSummary) {
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
