import type { Json } from '../contract/nouns.ts';
import { nameTag } from './hash.ts';
import { isFailure, executionMs, type TaskRecord } from './task.ts';
import { times, type Settings } from './settings.ts';

/** What an agent can do, how certain that is (above 0, up to 1), and where it comes from. */
export type Capabilities = Record<string, { confidence: number; source: 'declared' | 'learned' }>;

/**
 * active: takes work. draining: gets no new work until it is resumed. leaving: it is being deregistered; the tasks it
 * holds are requeued, then it is removed. left: it stopped on purpose and gets no work until it registers again.
 */
export type AgentState = 'active' | 'draining' | 'leaving' | 'left';

/** A process that runs an agent, and names itself by an instance id. */
export interface Instance {
  id: string;
  host?: string;
  /** When it got the agent id. */
  since: number;
}

/** The part of an agent that changes with every task. */
export interface AgentRecord {
  id: string;
  state: AgentState;
  /** When its deregistration began. */
  leavingSince?: number;
  /** The maximum number of tasks it holds at once. */
  maximum: number;
  seenAt: number;
  /**
   * Since when routing does not find the agent: it was not seen for an hour. Whoever sees it again restores its
   * memberships.
   */
  forgottenAt?: number;
  registeredAt: number;
  /** When it last reported on a task. */
  workedAt?: number;
  /** When a claim last read everything it holds, including what the caller already knew. */
  inboxReadAt?: number;
  /** The process that runs the agent, if it named itself; no other process may claim. */
  instance?: Instance;
  /** The tasks that the agent holds or is being offered, each with its offer token. */
  inbox: Record<string, string>;
  completed: number;
  failed: number;
  /** Sum over completed tasks. */
  durationMs: number;
  /** Task outcomes by required capability. */
  successes: Record<string, number>;
  failures: Record<string, number>;
  /** The profile's version number, which shows whether a cached profile is current. */
  profileVersion: number;
}

/** The part of an agent that changes when it registers or learns. */
export interface AgentProfile {
  id: string;
  version: number;
  capabilities: Capabilities;
  metadata?: Record<string, Json>;
}

/** How a hold ended. */
export type Outcome = { kind: 'completed'; durationMs: number } | { kind: 'failed' } | { kind: 'none' };

/** The outcome of the hold that an offer won; undefined if the hold has not ended, or the offer won nothing. */
export function outcomeOf(task: TaskRecord, offer: string): Outcome | undefined {
  const entry = task.log.find((logged) => logged.offer === offer);
  if (entry) return isFailure(entry.cause) ? { kind: 'failed' } : { kind: 'none' };
  if (task.status !== 'completed' || task.offer !== offer) return undefined;
  return { kind: 'completed', durationMs: executionMs(task) };
}

export const slotsUsed = (agent: Pick<AgentRecord, 'inbox'>) => Object.keys(agent.inbox).length;

/** The agent as it will be once the slot of a task is freed. */
export const withSlotFreed = (agent: AgentRecord, taskId: string): AgentRecord => ({
  ...agent,
  inbox: Object.fromEntries(Object.entries(agent.inbox).filter(([id]) => id !== taskId)),
});

/** The success rate that is shown to people; 1 without evidence. */
export function successRate(agent: Pick<AgentRecord, 'completed' | 'failed'>): number {
  const total = agent.completed + agent.failed;
  return total === 0 ? 1 : agent.completed / total;
}

export const isStale = (agent: AgentRecord, now: number, settings: Settings) =>
  now - agent.seenAt > settings.staleAfterMs;

/** Whether to write that the agent was seen: at most every 30 s, but at once if routing has forgotten it. */
export const isSeenDue = ({ seenAt, forgottenAt }: AgentRecord, now: number) =>
  forgottenAt !== undefined || now - seenAt >= times.seenEveryMs;

/**
 * Whether a claim has to read everything the agent holds, whatever its caller knows: every 30 s, so that no error
 * persists.
 */
export const isInboxReadDue = ({ inboxReadAt = 0 }: AgentRecord, now: number) => now - inboxReadAt >= times.seenEveryMs;

export const isCapable = (capabilities: Capabilities, requirements: readonly string[]) =>
  requirements.every((name) => Object.hasOwn(capabilities, name));

export type Unavailable = 'full' | Exclude<AgentState, 'active'> | 'stale' | 'excluded';

/** Why a capable agent cannot be given a task now; undefined if it can. */
export function unavailable(
  agent: AgentRecord,
  task: Pick<TaskRecord, 'excluded'>,
  now: number,
  settings: Settings,
): Unavailable | undefined {
  if (agent.state !== 'active') return agent.state;
  if (isStale(agent, now, settings)) return 'stale';
  if (isExcluded(agent.id, task, now)) return 'excluded';
  if (slotsUsed(agent) >= agent.maximum) return 'full';
  return undefined;
}

/** Whether the agent recently released the task, or did not start it. */
export const isExcluded = (agentId: string, { excluded }: Pick<TaskRecord, 'excluded'>, now: number) =>
  countOf(excluded, nameTag(agentId)) > now;

/** Reads a count safely: the name may be `constructor`, which every object has. */
export const countOf = (counts: Readonly<Record<string, number>>, name: string) =>
  Object.hasOwn(counts, name) ? (counts[name] ?? 0) : 0;

/** The weight of an agent's own statement, in outcomes. */
const priorWeight = 4;

/**
 * How certain it is that an agent has a capability, from 0 to 1: its initial confidence (1 if declared, as given if
 * learned), adjusted by the outcomes of tasks that required it. The mean of a Beta posterior whose prior is worth
 * `priorWeight` outcomes (https://en.wikipedia.org/wiki/Beta_distribution#Bayesian_inference).
 */
export function confidenceIn(agent: Evidence, name: string, capabilities: Capabilities): number {
  const prior = capabilities[name]?.confidence ?? 0;
  const successes = countOf(agent.successes, name);
  const failures = countOf(agent.failures, name);
  return (prior * priorWeight + successes) / (priorWeight + successes + failures);
}

type Evidence = Pick<AgentRecord, 'successes' | 'failures'>;

/** The confidence with which an agent meets requirements: that of its least certain capability. */
export const confidence = (agent: Evidence, capabilities: Capabilities, requirements: readonly string[]) =>
  requirements.reduce((least, name) => Math.min(least, confidenceIn(agent, name, capabilities)), 1);

/**
 * How well an agent suits a task, from 0 to 1: success * confidence * free share of slots.
 * Success follows the rule of succession with two successes added, so that one failure does not bury a newcomer.
 */
export function score(agent: AgentRecord, capabilities: Capabilities, requirements: readonly string[]): number {
  const success = (agent.completed + 2) / (agent.completed + agent.failed + 2);
  return success * confidence(agent, capabilities, requirements) * Math.max(0, 1 - slotsUsed(agent) / agent.maximum);
}
