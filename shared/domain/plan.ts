import { slotsUsed, score, unavailable, type AgentRecord, type Capabilities } from './agent.ts';
import { laneOrder } from './lane.ts';
import type { Settings } from './settings.ts';
import type { PendingTask } from './task.ts';

/** What choosing an agent for a task requires to know. */
export type Plannable = Pick<PendingTask, 'id' | 'lane' | 'priority' | 'readyAt' | 'excluded'>;

/** An agent that has all capabilities that a lane requires. */
export interface Candidate {
  agent: AgentRecord;
  capabilities: Capabilities;
}

/** The requirements of a lane's tasks, and the agents that meet them. */
export interface LaneCandidates {
  requirements: readonly string[];
  candidates: readonly Candidate[];
}

/** Scores within this share of each other count as close. */
const closeness = 0.1;
/** Above this utilization, slots are scarce. */
const scarcity = 0.8;

const noCandidates: LaneCandidates = { requirements: [], candidates: [] };

function isScarce(candidates: readonly Candidate[]): boolean {
  const slots = candidates.reduce((sum, { agent }) => sum + agent.maximum, 0);
  return candidates.reduce((sum, { agent }) => sum + slotsUsed(agent), 0) > slots * scarcity;
}

/**
 * How strongly an agent is preferred: by its score, with a random choice between close ones. If slots are scarce, at
 * random in proportion to the score, because concurrent routers would otherwise all pick the best remaining slot
 * (weighted sampling by keys u^(1/w): Efraimidis and Spirakis, 2006).
 */
const preference = (score: number, scarce: boolean, fraction: number) =>
  scarce ? (1 - fraction) ** (1 / score) : score * (1 - closeness * fraction);

/** Whether no other agent can have a score that is clearly better: the best one is 1. */
export const isAsGoodAsAny = ({ agent, capabilities }: Candidate, requirements: readonly string[]) =>
  score(agent, capabilities, requirements) >= 1 - closeness;

/**
 * Plans which agent gets which task: in the order in which the tasks should run, each goes to the best agent that still
 * has a free slot.
 * @param lanes by key
 * @param fraction random, from 0 (inclusive) to 1 (exclusive)
 */
export function plan<Task extends Plannable>(
  tasks: readonly Task[],
  lanes: ReadonlyMap<string, LaneCandidates>,
  now: number,
  settings: Settings,
  fraction: () => number,
): Map<AgentRecord, Task[]> {
  const planned = new Map<AgentRecord, Task[]>();
  const order = (task: Task) => laneOrder(task.priority, task.readyAt, settings.allowanceMs);
  const scarce = new Map([...lanes].map(([key, { candidates }]) => [key, isScarce(candidates)]));
  const inOrder = tasks
    .map((task) => ({ task, order: order(task) }))
    .sort((one, other) => (one.order < other.order ? -1 : 1));
  for (const { task } of inOrder) {
    const { requirements, candidates } = lanes.get(task.lane) ?? noCandidates;
    let best: { agent: AgentRecord; preference: number } | undefined;
    for (const { agent, capabilities } of candidates) {
      const busier = withTasks(agent, planned.get(agent) ?? []);
      if (unavailable(busier, task, now, settings) || Object.hasOwn(agent.inbox, task.id)) continue;
      const preferred = preference(
        score(busier, capabilities, requirements),
        scarce.get(task.lane) ?? false,
        fraction(),
      );
      if (!best || preferred > best.preference) best = { agent, preference: preferred };
    }
    if (best) planned.set(best.agent, [...(planned.get(best.agent) ?? []), task]);
  }
  return planned;
}

/** The agent as it would be with these tasks in its inbox. */
function withTasks(agent: AgentRecord, tasks: readonly Plannable[]): AgentRecord {
  if (tasks.length === 0) return agent;
  return { ...agent, inbox: { ...agent.inbox, ...Object.fromEntries(tasks.map(({ id }) => [id, ''])) } };
}
