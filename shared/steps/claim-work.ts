import { isInboxReadDue, type AgentRecord } from '../domain/agent.ts';
import { start as started, takeOver } from '../domain/holding.ts';
import { isHandedTo, isKnown } from '../domain/instance.ts';
import { laneOrder } from '../domain/lane.ts';
import { pollAfterMs } from '../domain/polling.ts';
import { isHeld, isRunning, type HeldTask } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { fillSlots, type Heads } from './fill-slots.ts';
import { refreshAgent } from './last-seen.ts';
import { claimKb, payloadKbOf, withinKb } from './payload-size.ts';
import { clearStaleOffers, type HeldWork } from './stale-offers.ts';
import { withContext } from './task-context.ts';

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
  const { agents, clock, random, settings } = ports;
  const [{ held, agent: holder }, profiles] = await Promise.all([
    heldWork(ports, agent, wanted),
    agents.profiles([agent]),
  ]);
  const instance = agent.instance?.id;
  const own = await ownTasks(ports, held, instance, wanted);
  const profile = profiles.get(agent.id);
  const limit = wanted.limit - own.length;
  const how = { manual: true, by: 'claim', start: wanted.start, asked: true, taskTypes: wanted.task_types } as const;
  const taken =
    profile && limit > 0 && holder.state === 'active'
      ? await fillSlots(ports, holder, profile, { ...how, limit, payloadKb: claimKb - payloadKbOf(own) }, heads)
      : [];
  // Not what another process has been given since, when the answer to the take came late.
  const tasks = [...own, ...taken.filter((task) => task.instance === instance)];
  const pollAfter = tasks.length > 0 ? 0 : pollAfterMs(holder, clock.now(), settings, random.fraction());
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
 * Which of the tasks that the agent holds it should be given: what another process of it had, what was given in an answer that
 * it never got, then what was assigned to it. Only what is given is started.
 * @param instance the process that claims
 */
async function ownTasks(
  ports: Ports,
  held: readonly HeldTask[],
  instance: string | undefined,
  { limit, start, holding }: Claim,
): Promise<HeldTask[]> {
  const isMine = (task: HeldTask) => isHandedTo(task, instance);
  const rank = (task: HeldTask) =>
    `${isRunning(task) ? 0 : 1}${laneOrder(task.priority, task.readyAt, ports.settings.allowanceMs)}`;
  const ranked = held
    .filter((task) => !isMine(task) || !isKnown(task, holding))
    .sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
  const given = withinKb(ranked, claimKb).slice(0, limit);
  const handed = await Promise.all(
    given.map(async (task) => {
      if (isMine(task) && (isRunning(task) || !start)) return task;
      return handOut(ports, task, instance, start);
    }),
  );
  return handed.filter((task) => task !== undefined);
}

/** Undefined where another claim has just been given it. */
async function handOut(
  { tasks, clock, random, settings }: Ports,
  task: HeldTask,
  instance: string | undefined,
  starts: boolean,
): Promise<HeldTask | undefined> {
  const handing = { token: random.nonce(), instance };
  const now = clock.now();
  const transition =
    isHandedTo(task, instance) && !isRunning(task)
      ? started(task, handing, now, settings)
      : takeOver(task, handing, starts, now, settings);
  const { applied, task: after } = await tasks.apply(task.id, transition);
  return applied && isHeld(after) ? after : undefined;
}
