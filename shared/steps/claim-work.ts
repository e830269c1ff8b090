import type { ClaimedTask } from '../contract/task.ts';
import { isInboxReadDue, withSlotFreed, type AgentRecord } from '../domain/agent.ts';
import { start as started, startOffered, takeOver } from '../domain/holding.ts';
import { isCurrent, isDeliveredTo, isKnown } from '../domain/instance.ts';
import { laneOrder } from '../domain/lane.ts';
import { madeAt } from '../domain/offer.ts';
import { offeredPollMs, pollAfterMs } from '../domain/polling.ts';
import { isHeld, isRunning, type CompletedTask, type HeldTask, type TaskRecord } from '../domain/task.ts';
import type { FreedSlot, Ports, ReadyTask } from '../ports.ts';
import { fillSlots, type FillResult, type Heads } from './fill-slots.ts';
import { refreshAgent } from './last-seen.ts';
import { claimKb, payloadKbOf, withinKb } from './payload-size.ts';
import { clearStaleOffers, type HeldWork } from './stale-offers.ts';
import { withContext } from './task-context.ts';

export interface Claim {
  limit: number;
  start: boolean;
  /** The tasks that the agent knows it holds, if it lists them. */
  holding?: readonly { task_id: string; attempt: number; hold?: string | undefined }[] | undefined;
  /** Claim only new tasks of these types; any if absent. */
  task_types?: readonly string[] | undefined;
}

/** The completion that a claim follows in the same request. */
export interface Completion {
  /** The completed task, with its report. */
  task: CompletedTask;
  /**
   * Its slot, which the claim frees along with its first offer, if it makes one. Absent if the slot is already free.
   */
  freed: FreedSlot | undefined;
  /** Dependents that it makes ready and that suit the agent. */
  released: readonly ReadyTask[];
}

/**
 * Gets work for an agent: first the tasks that it already holds, then the best tasks of the lanes it can serve.
 * @param heads the heads of these lanes, if already read
 */
export async function claim(
  ports: Ports,
  read: AgentRecord,
  wanted: Claim,
  heads?: Heads,
  completion?: Completion,
): Promise<{ tasks: ClaimedTask[]; poll_after_ms: number }> {
  const { agents, clock, random, settings } = ports;
  const { task, freed, released = [] } = completion ?? {};
  const agent = freed ? withSlotFreed(read, freed.taskId) : read;
  const [{ held, agent: holder, isBeingOffered }, profiles] = await Promise.all([
    heldWork(ports, agent, wanted),
    agents.profiles([agent]),
  ]);
  const instance = agent.instance?.id;
  const own = await ownTasks(ports, held, agent, wanted);
  const profile = profiles.get(agent.id);
  const limit = wanted.limit - own.length;
  const how = { manual: true, by: 'claim', start: wanted.start, asked: true, taskTypes: wanted.task_types } as const;
  const payloadKb = claimKb - payloadKbOf(own);
  const filled: FillResult =
    profile && limit > 0 && holder.state === 'active'
      ? await fillSlots(ports, holder, profile, { ...how, limit, payloadKb, released, freed }, heads)
      : { tasks: [], slot: 'kept' };
  const { refusedBy } = filled;
  if (freed && filled.slot !== 'freed') {
    const isFree = refusedBy !== undefined && refusedBy.inbox[freed.taskId] !== freed.token;
    const now = isFree ? refusedBy : await agents.freeSlot(agent.id, freed, clock.now());
    // Since it was read, it may have got what an earlier claim was given.
    if (completion && filled.slot === 'refused' && now && isCurrent(now, instance)) {
      return claim(ports, now, wanted, heads, { ...completion, freed: undefined });
    }
  } else if (own.length === 0 && refusedBy && isCurrent(refusedBy, instance) && hasNewOffer(refusedBy, agent)) {
    // The router has offered it something in the meantime.
    return claim(ports, refusedBy, wanted, undefined, completion);
  }
  // Leaves out what another process has been given since, in case the response to the take arrived late.
  const tasks = [...own, ...filled.tasks.filter((taken) => taken.instance === instance)];
  const pollAfter = isBeingOffered ? offeredPollMs : pollAfterMs(holder, clock.now(), settings, random.fraction());
  const [given] = await Promise.all([
    withContext(ports, tasks, task),
    // Not earlier: once the router learns that a stale agent is back, it would race this claim for the same work.
    freed ? undefined : refreshAgent(ports, agent, 'inbox is read'),
  ]);
  return { tasks: given, poll_after_ms: tasks.length > 0 ? 0 : pollAfter };
}

/** Whether the agent has been offered something since it was read. */
const hasNewOffer = (now: AgentRecord, read: AgentRecord) =>
  Object.keys(now.inbox).some((id) => !Object.hasOwn(read.inbox, id));

/** What the agent holds, except tasks that the caller provably knows: it sent the token that came with the task. */
async function heldWork(ports: Ports, agent: AgentRecord, wanted: Claim): Promise<HeldWork> {
  const { holding = [] } = wanted;
  const known = new Map(holding.flatMap(({ task_id: id, hold }) => (hold === undefined ? [] : [[id, hold]])));
  const now = ports.clock.now();
  const isReadDue = known.size > 0 && isInboxReadDue(agent, now);
  const [work] = await Promise.all([
    clearStaleOffers(ports, agent, isReadDue ? undefined : known, (ids) => readOrStart(ports, agent, ids, wanted)),
    isReadDue ? ports.agents.noteInboxRead(agent.id, now) : undefined,
  ]);
  return work;
}

/**
 * Reads tasks that an agent holds, consistently. A single task that the caller does not know, and that was offered to
 * its current process, is started right away; that write reads it as well.
 */
async function readOrStart(
  { tasks, clock, random, settings }: Ports,
  { inbox, instance }: AgentRecord,
  ids: readonly string[],
  { start, limit, holding }: Claim,
): Promise<TaskRecord[]> {
  const [id = ''] = ids;
  const offer = inbox[id] ?? '';
  const isNew = holding?.every(({ task_id }) => task_id !== id) && madeAt(offer) >= (instance?.since ?? 0);
  const starting =
    isNew && ids.length === 1 && start && limit > 0
      ? startOffered(offer, { token: random.nonce(), instance: instance?.id }, clock.now(), settings)
      : undefined;
  if (!starting) return tasks.getMany(ids, { consistent: true });
  const { task } = await tasks.apply(id, starting);
  return task ? [task] : [];
}

/**
 * The held tasks to return: first those of another process of the agent, then those in a response that never arrived,
 * then those newly assigned. Only tasks that are returned are started.
 * @param agent as read before the tasks, with the process that claims
 */
async function ownTasks(
  ports: Ports,
  held: readonly HeldTask[],
  agent: AgentRecord,
  { limit, start, holding }: Claim,
): Promise<HeldTask[]> {
  const instance = agent.instance?.id;
  const isMine = (task: HeldTask) => isDeliveredTo(task, instance);
  const rank = (task: HeldTask) =>
    `${isRunning(task) ? 0 : 1}${laneOrder(task.priority, task.readyAt, ports.settings.allowanceMs)}`;
  const ranked = held
    .filter((task) => !isMine(task) || !isKnown(task, holding))
    .sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
  const chosen = withinKb(ranked, claimKb).slice(0, limit);
  // This process may have been replaced since its agent was read. It is read again after the tasks: what the next
  // process was given before that is not taken from it, and what it is given after that makes the write fail.
  const given = chosen.every(isMine) || (await isStillCurrent(ports, agent)) ? chosen : chosen.filter(isMine);
  const delivered = await Promise.all(
    given.map(async (task) => {
      if (isMine(task) && (isRunning(task) || !start)) return task;
      return deliver(ports, task, instance, start);
    }),
  );
  return delivered.filter((task) => task !== undefined);
}

async function isStillCurrent({ agents }: Ports, { id, instance }: AgentRecord): Promise<boolean> {
  const agent = await agents.get(id);
  return agent !== undefined && isCurrent(agent, instance?.id);
}

/** @returns undefined if a concurrent claim got the task */
async function deliver(
  { tasks, clock, random, settings }: Ports,
  task: HeldTask,
  instance: string | undefined,
  starts: boolean,
): Promise<HeldTask | undefined> {
  const recipient = { token: random.nonce(), instance };
  const now = clock.now();
  const transition =
    isDeliveredTo(task, instance) && !isRunning(task)
      ? started(task, recipient, now, settings)
      : takeOver(task, recipient, starts, now, settings);
  const { applied, task: after } = await tasks.apply(task.id, transition);
  return applied && isHeld(after) ? after : undefined;
}
