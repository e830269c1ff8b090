import type * as z from 'zod';
import * as contract from '../../contract/tasks.ts';
import { Refusal } from '../../contract/problem.ts';
import { asSentence } from '../../contract/prose.ts';
import { isCapable, unavailable, type AgentRecord } from '../../domain/agent.ts';
import { lastReportAt } from '../../domain/holding.ts';
import { isInLane } from '../../domain/index-entries.ts';
import { nearNames } from '../../domain/near-names.ts';
import {
  isEnded,
  isHeld,
  isRunning,
  type EndedTask,
  type HeldTask,
  type PendingTask,
  type TaskRecord,
} from '../../domain/task.ts';
import { times } from '../../domain/settings.ts';
import { noneAvailable } from '../../domain/wording.ts';
import type { Ports } from '../../ports.ts';
import { allAgents, type KnownAgent } from '../../steps/all-agents.ts';
import { explainDependent } from '../../steps/explain-dependent.ts';
import { rankedCandidates } from '../../steps/ranked-candidates.ts';
import { implement } from '../implement.ts';

type ExplainedState = Omit<z.output<typeof contract.explainTask.output>, 'task_id' | 'status'>;

/** How far into its lane to look for the task. */
const maxAhead = 1000;

export const explainTask = implement(contract.explainTask, async (ports, { task_id: id }) => {
  const task = await ports.tasks.get(id);
  if (!task) throw new Refusal('task_not_found', `Task ${id} not found.`);
  const explained = await explain(ports, task);
  // The agents were read after the task: one may have no room because it has been given this very task since.
  const latest = explained.state === 'capable_agents_unavailable' ? await ports.tasks.get(id) : undefined;
  if (latest && latest.status !== task.status)
    return { task_id: id, status: latest.status, ...(await explain(ports, latest)) };
  return { task_id: id, status: task.status, ...explained };
});

async function explain(ports: Ports, task: TaskRecord): Promise<ExplainedState> {
  if (isEnded(task)) return explainEnded(task);
  if (isHeld(task)) return explainHeld(task, await silentMs(ports, task));
  if (task.status !== 'pending') return explainDependent(ports, task);
  if (!isInLane(task)) return explainDelayed(task, ports.clock.now());
  const { needed, candidates } = await rankedCandidates(ports, task);
  if (candidates.length === 0) return explainNoCandidates(ports, task, needed);
  const inLane = await positionInLane(ports, task);
  if (candidates.some((candidate) => candidate.available)) return explainReady(task, inLane);
  const agents = candidates.flatMap(({ agent_id, reason }) => (reason ? [{ agent_id, reason }] : []));
  return { ...allUnavailable(agents), ...inLane };
}

function explainDelayed({ readyAt, retryCount }: PendingTask, now: number): ExplainedState {
  const until = new Date(readyAt).toISOString();
  const why = retryCount > 0 ? 'waiting to be retried at' : 'not ready until';
  const sentence =
    readyAt > now
      ? `The task is ${why} ${until}.`
      : `The task was delayed until ${until} and will enter its lane within seconds.`;
  return { state: 'delayed_until', delayed_until: until, sentence };
}

function explainEnded(task: EndedTask): ExplainedState {
  const end = task.log.at(-1);
  const why = end?.status === task.status ? [end.cause, end.reason].filter((word) => word && word !== task.status) : [];
  const how = task.status === 'cancelled' ? 'was cancelled' : task.status;
  return { state: 'ended', sentence: asSentence(`The task ${[how, ...why].join(': ')}`) };
}

function allUnavailable(agents: NonNullable<ExplainedState['agents']>): ExplainedState {
  return { state: 'capable_agents_unavailable', agents, sentence: noneAvailable(agents) };
}

/** Time since the holder was last seen, through this task or any other. */
async function silentMs({ agents, clock, settings }: Ports, task: HeldTask): Promise<number> {
  const { seenAt = 0 } = (await agents.get(task.agentId)) ?? {};
  return Math.max(0, clock.now() - Math.max(seenAt, lastReportAt(task, settings)));
}

function explainHeld(task: HeldTask, silentFor: number): ExplainedState {
  const silent = Math.floor(silentFor / 1000);
  // A shorter silence means nothing: last-seen is not written more often.
  const seen = silentFor > times.seenEveryMs ? ` The agent was last seen ${silent} seconds ago.` : '';
  const since = new Date(isRunning(task) ? task.startedAt : task.assignedAt).toISOString();
  const until = new Date(task.leaseUntil).toISOString();
  return {
    state: 'held',
    held_by: task.agentId,
    held_since: since,
    lease_expires_at: until,
    silent_seconds: silent,
    sentence:
      task.status === 'running'
        ? `Agent ${task.agentId} has been working on the task since ${since}; its lease expires at ${until}.${seen}`
        : `The task is assigned to agent ${task.agentId}, which must start it by ${until}.${seen}`,
  };
}

/**
 * Routing finds no capable agent: none exists, or all have been unseen for so long that they dropped out of the
 * memberships.
 */
async function explainNoCandidates(
  ports: Ports,
  task: PendingTask,
  needed: readonly string[],
): Promise<ExplainedState> {
  const fleet = await allAgents(ports);
  if (fleet.length === 0) return { state: 'no_capable_agent', sentence: 'No agent is registered.' };
  const unseen = fleet.filter(({ profile }) => isCapable(profile?.capabilities ?? {}, needed));
  if (unseen.length > 0) {
    const reason = (agent: AgentRecord) => unavailable(agent, task, ports.clock.now(), ports.settings) ?? 'stale';
    return allUnavailable(unseen.map(({ agent }) => ({ agent_id: agent.id, reason: reason(agent) })));
  }
  return explainNoCapableAgent(fleet, needed);
}

function explainNoCapableAgent(fleet: readonly KnownAgent[], needed: readonly string[]): ExplainedState {
  const known = new Set(fleet.flatMap(({ profile }) => Object.keys(profile?.capabilities ?? {})));
  const missing = needed.filter((name) => !known.has(name));
  const near = missing.map((name) => [name, nearNames(name, known)] as const).filter(([, names]) => names.length > 0);
  const nearest = fleet
    .map(({ agent, profile }) => ({
      agent_id: agent.id,
      lacks: needed.filter((name) => !Object.hasOwn(profile?.capabilities ?? {}, name)),
    }))
    .sort((one, other) => one.lacks.length - other.lacks.length || (one.agent_id < other.agent_id ? -1 : 1))
    .slice(0, 5);
  const sentence =
    missing.length > 0 ? `No agent has ${missing.join(', ')}.` : `No single agent has all of ${needed.join(', ')}.`;
  const hint = near.map(([name, names]) => ` Did you mean ${names.join(' or ')} instead of ${name}?`).join('');
  return {
    state: 'no_capable_agent',
    ...(missing.length > 0 && { missing_capabilities: missing }),
    ...(near.length > 0 && { did_you_mean: Object.fromEntries(near) }),
    nearest_agents: nearest,
    sentence: `${sentence}${hint}`,
  };
}

async function positionInLane({ listings }: Ports, task: PendingTask): Promise<{ position?: number }> {
  const ahead = await listings.lane({ key: task.lane, routing: task.routing }, maxAhead);
  const index = ahead.findIndex(({ id }) => id === task.id);
  return index < 0 ? {} : { position: index + 1 };
}

function explainReady(task: PendingTask, { position }: { position?: number }): ExplainedState {
  const where = position === undefined ? '' : `, number ${position} in its lane`;
  const next =
    task.routing === 'manual'
      ? 'it is waiting to be claimed or assigned'
      : 'a capable agent is available and will be assigned it or can claim it';
  return {
    state: 'ready',
    ...(position !== undefined && { position }),
    sentence: `The task is ready${where}: ${next}.`,
  };
}
