import { slotsUsed, score, unavailable, type AgentRecord, type Capabilities } from './agent.ts';
import { laneOrder } from './lane.ts';
import type { Settings } from './settings.ts';
import type { PendingTask } from './task.ts';

/** What is to be known of a task to choose its agent. */
export type Plannable = Pick<PendingTask, 'id' | 'lane' | 'priority' | 'readyAt' | 'excluded'>;

/** An agent that has all capabilities that a lane requires. */
export interface Candidate {
  agent: AgentRecord;
  capabilities: Capabilities;
}

/** What the tasks of one lane require, and who could do them. */
export interface LaneCandidates {
  requirements: readonly string[];
  candidates: readonly Candidate[];
}

/** Scores that differ by less than this share are close. */
const closeness = 0.1;
/** With a larger share of the slots in use, slots are scarce. */
const scarcity = 0.8;

const nobody: LaneCandidates = { requirements: [], candidates: [] };

function isScarce(candidates: readonly Candidate[]): boolean {
  const slots = candidates.reduce((sum, { agent }) => sum + agent.maximum, 0);
  return candidates.reduce((sum, { agent }) => sum + slotsUsed(agent), 0) > slots * scarcity;
}

/**
 * By what an agent is preferred: its score, and between close ones chance. Where slots are scarce it is chance in proportion
 * to the score, since routers that run together would all meet at the best slot that is left (weighted sampling by keys
 * u^(1/w): Efraimidis and Spirakis, 2006).
 */
const preference = (score: number, scarce: boolean, fraction: number) =>
  scarce ? (1 - fraction) ** (1 / score) : score * (1 - closeness * fraction);

/**
 * Which agents should get which tasks: in the order in which the tasks should run, each goes to the best agent that has a
 * free slot left by then.
 * @param lanes by their keys
 * @param fraction chance, at least 0, less than 1
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
    const { requirements, candidates } = lanes.get(task.lane) ?? nobody;
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

/** The agent as it would be with these tasks in its inbox too. */
function withTasks(agent: AgentRecord, tasks: readonly Plannable[]): AgentRecord {
  if (tasks.length === 0) return agent;
  return { ...agent, inbox: { ...agent.inbox, ...Object.fromEntries(tasks.map(({ id }) => [id, ''])) } };
}
