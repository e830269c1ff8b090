import { isInboxReadDue, type AgentRecord } from '../domain/agent.ts';
import { start as started } from '../domain/holding.ts';
import { laneOrder } from '../domain/lane.ts';
import { isRunning, type AssignedTask, type HeldTask, type TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { fillSlots, type Heads } from './fill-slots.ts';
import { refreshAgent } from './last-seen.ts';
import { claimKb, payloadKbOf, withinKb } from './payload-size.ts';
import { clearStaleOffers, type HeldWork } from './stale-offers.ts';
import { withContext } from './task-context.ts';

/** When to ask again: at once after work was found, else after a while, spread so that idle agents do not ask together. */
const idlePollMs = 2000;

export interface Claim {
  limit: number;
  start: boolean;
  /** What the agent knows that it holds, if it said so. */
  holding?: readonly { task_id: string; attempt: number; hold?: string | undefined }[] | undefined;
  /** Only new tasks of these types; any when absent. */
  task_types?: readonly string[] | undefined;
}

/** Gets work for an agent: first what is already its own, then the best tasks of the lanes that it can serve. */
export async function claim(ports: Ports, agent: AgentRecord, wanted: Claim, heads?: Heads) {
  const { agents, random } = ports;
  const [{ held, agent: holder }, profiles] = await Promise.all([
    heldWork(ports, agent, wanted),
    agents.profiles([agent]),
  ]);
  const own = await ownTasks(ports, held, wanted);
  const profile = profiles.get(agent.id);
  const limit = wanted.limit - own.length;
  const how = { manual: true, by: 'claim', start: wanted.start, asked: true, taskTypes: wanted.task_types } as const;
  const taken =
    profile && limit > 0 && holder.state === 'active'
      ? await fillSlots(ports, holder, profile, { ...how, limit, payloadKb: claimKb - payloadKbOf(own) }, heads)
      : [];
  const tasks = [...own, ...taken];
  const pollAfter = tasks.length > 0 ? 0 : Math.round(idlePollMs * (0.5 + random.fraction()));
  // Not before: the router, told that a stale agent is back, would race against this claim for the same work.
  const [given] = await Promise.all([withContext(ports, tasks), refreshAgent(ports, agent, 'inbox is read')]);
  return { tasks: given, poll_after_ms: pollAfter };
}

/** What the agent holds, but for what its caller proves to know: its token came with the task. */
async function heldWork(ports: Ports, agent: AgentRecord, { holding = [] }: Claim): Promise<HeldWork> {
  const known = new Map(holding.flatMap(({ task_id: id, hold }) => (hold === undefined ? [] : [[id, hold]])));
  const now = ports.clock.now();
  if (known.size === 0 || !isInboxReadDue(agent, now)) return clearStaleOffers(ports, agent, known);
  const [work] = await Promise.all([clearStaleOffers(ports, agent), ports.agents.noteInboxRead(agent.id, now)]);
  return work;
}

/**
 * Which of the tasks that the agent holds it should be given: what was given in an answer that it never got, then what was
 * assigned to it. Only what is given is started.
 */
async function ownTasks(
  ports: Ports,
  held: readonly HeldTask[],
  { limit, start, holding }: Claim,
): Promise<HeldTask[]> {
  const knows = (task: TaskRecord) =>
    holding?.some((one) => one.task_id === task.id && one.attempt === task.attempt) ?? isRunning(task);
  const rank = (task: HeldTask) =>
    `${isRunning(task) ? 0 : 1}${laneOrder(task.priority, task.readyAt, ports.settings.allowanceMs)}`;
  const ranked = held.filter((task) => !knows(task)).sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
  const given = withinKb(ranked, claimKb).slice(0, limit);
  if (!start) return given;
  const begun = await Promise.all(given.map(async (task) => (isRunning(task) ? task : begin(ports, task))));
  return begun.filter((task) => task !== undefined);
}

async function begin({ tasks, clock, settings }: Ports, task: AssignedTask): Promise<HeldTask | undefined> {
  const { task: after } = await tasks.apply(task.id, started(task, clock.now(), settings));
  return after && isRunning(after) && after.offer === task.offer ? after : undefined;
}
