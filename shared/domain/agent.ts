import type { Json } from '../contract/nouns.ts';
import { nameTag } from './hash.ts';
import { isFailure, executionMs, type TaskRecord } from './task.ts';
import { times, type Settings } from './settings.ts';

/** What an agent can do, how sure that is (0 to 1], and where it is known from. */
export type Capabilities = Record<string, { confidence: number; source: 'declared' | 'learned' }>;

/**
 * active: takes work. draining: gets no new work until it is resumed. leaving: it is being deregistered; what it holds is
 * requeued, then it is removed. left: it stopped on purpose and gets no work until it registers again.
 */
export type AgentState = 'active' | 'draining' | 'leaving' | 'left';

/** A process that runs an agent, as it names itself. */
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
  /** Since when it is being deregistered. */
  leavingSince?: number;
  /** How many tasks it may hold at once. */
  maximum: number;
  seenAt: number;
  /** Since then routing may not find it: it was not seen for an hour. Whoever sees it alive restores what it is found by. */
  forgottenAt?: number;
  registeredAt: number;
  /** When it last reported on a task. */
  workedAt?: number;
  /** When a claim last read all that it holds, also what the caller knew. */
  inboxReadAt?: number;
  /** The process that runs it, if it has said which it is: no other one may claim. */
  instance?: Instance;
  /** The tasks it holds, or is being offered, each with the token of the offer. */
  inbox: Record<string, string>;
  completed: number;
  failed: number;
  /** Sum over the completed ones. */
  durationMs: number;
  /** Outcomes of tasks by the capabilities that they required. */
  successes: Record<string, number>;
  failures: Record<string, number>;
  /** Counts the versions of the profile, so that a cached one can be told from a newer one. */
  profileVersion: number;
}

/** The part of an agent that changes when it registers or learns. */
export interface AgentProfile {
  id: string;
  version: number;
  capabilities: Capabilities;
  metadata?: Record<string, Json>;
}

/** What came of holding a task. */
export type Outcome = { kind: 'completed'; durationMs: number } | { kind: 'failed' } | { kind: 'none' };

/** The outcome of the hold that an offer won; undefined when that hold has not ended, or there never was one. */
export function outcomeOf(task: TaskRecord, offer: string): Outcome | undefined {
  const entry = task.log.find((logged) => logged.offer === offer);
  if (entry) return isFailure(entry.cause) ? { kind: 'failed' } : { kind: 'none' };
  if (task.status !== 'completed' || task.offer !== offer) return undefined;
  return { kind: 'completed', durationMs: executionMs(task) };
}

export const slotsUsed = (agent: Pick<AgentRecord, 'inbox'>) => Object.keys(agent.inbox).length;

/** Share of successes among what is known, 1 without evidence: what is shown to people. */
export function successRate(agent: Pick<AgentRecord, 'completed' | 'failed'>): number {
  const total = agent.completed + agent.failed;
  return total === 0 ? 1 : agent.completed / total;
}

export const isStale = (agent: AgentRecord, now: number, settings: Settings) =>
  now - agent.seenAt > settings.staleAfterMs;

/** Whether a sign of life is to be written: at most every 30 s, at once where routing has forgotten the agent. */
export const isSeenDue = ({ seenAt, forgottenAt }: AgentRecord, now: number) =>
  forgottenAt !== undefined || now - seenAt >= times.seenEveryMs;

/** Whether a claim is to read all that the agent holds, whatever its caller knows: every 30 s, so that nothing stays wrong. */
export const isInboxReadDue = ({ inboxReadAt = 0 }: AgentRecord, now: number) => now - inboxReadAt >= times.seenEveryMs;

export const isCapable = (capabilities: Capabilities, requirements: readonly string[]) =>
  requirements.every((name) => Object.hasOwn(capabilities, name));

export type Unavailable = 'full' | Exclude<AgentState, 'active'> | 'stale' | 'excluded';

/** Why a capable agent cannot be given a task now; undefined when it can. */
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

/** Whether an agent has lately given a task back, or not started it. */
export const isExcluded = (agentId: string, { excluded }: Pick<TaskRecord, 'excluded'>, now: number) =>
  countOf(excluded, nameTag(agentId)) > now;

/** What is counted under a name that may be `constructor` too, which every object has. */
export const countOf = (counts: Readonly<Record<string, number>>, name: string) =>
  Object.hasOwn(counts, name) ? (counts[name] ?? 0) : 0;

/** As many outcomes as what an agent says of itself weighs. */
const priorWeight = 4;

/**
 * How sure it is that an agent has a capability, from 0 to 1: what it started with (1 for a declared capability, as given
 * for a learned one), moved by the outcomes of the tasks that required it. The mean of a Beta posterior whose prior is worth
 * `priorWeight` outcomes (https://en.wikipedia.org/wiki/Beta_distribution#Bayesian_inference).
 */
export function confidenceIn(agent: Evidence, name: string, capabilities: Capabilities): number {
  const prior = capabilities[name]?.confidence ?? 0;
  const successes = countOf(agent.successes, name);
  const failures = countOf(agent.failures, name);
  return (prior * priorWeight + successes) / (priorWeight + successes + failures);
}

type Evidence = Pick<AgentRecord, 'successes' | 'failures'>;

/** The confidence with which an agent meets requirements: that of the capability it is least sure of. */
export const confidence = (agent: Evidence, capabilities: Capabilities, requirements: readonly string[]) =>
  requirements.reduce((least, name) => Math.min(least, confidenceIn(agent, name, capabilities)), 1);

/**
 * How good a choice an agent is for a task, from 0 to 1: success * confidence * free share.
 * Success is the rule of succession with two successes granted, so that one failure does not bury a newcomer.
 */
export function score(agent: AgentRecord, capabilities: Capabilities, requirements: readonly string[]): number {
  const success = (agent.completed + 2) / (agent.completed + agent.failed + 2);
  return success * confidence(agent, capabilities, requirements) * Math.max(0, 1 - slotsUsed(agent) / agent.maximum);
}
