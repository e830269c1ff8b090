import { unavailable, type AgentRecord } from '../domain/agent.ts';
import { enterLane } from '../domain/lifecycle.ts';
import { isInLane, pendingEntry } from '../domain/index-entries.ts';
import { plan } from '../domain/plan.ts';
import { times } from '../domain/settings.ts';
import { isPending, type PendingTask } from '../domain/task.ts';
import type { WakeUp, Ports } from '../ports.ts';
import { fillSlots } from '../steps/fill-slots.ts';
import { laneCandidates, maxGrowth } from '../steps/lane-candidates.ts';
import { takeOffers } from '../steps/take-offers.ts';

/** How many rounds to try other agents for tasks whose chosen agent was full after all, or that found no free agent. */
const routingRounds = 6;

/**
 * Assigns ready tasks to the best capable agents with free slots. A task that finds none stays in its lane, and the
 * next agent with a free slot takes it from there. A message that arrives before its task is due, by this process's
 * clock, is sent again.
 */
export async function routeReadyTasks(ports: Ports, wakeUps: readonly WakeUp[]): Promise<void> {
  const taskIds = new Set(wakeUps.flatMap((wakeUp) => ('task_id' in wakeUp ? [wakeUp.task_id] : [])));
  const agentIds = new Set(wakeUps.flatMap((wakeUp) => ('agent_id' in wakeUp ? [wakeUp.agent_id] : [])));
  await Promise.all([routeTasks(ports, [...taskIds]), ...[...agentIds].map((id) => offerWaitingWork(ports, id))]);
}

/** An agent that freed a slot, registered, learned or came back gets the best waiting work of its lanes. */
async function offerWaitingWork(ports: Ports, agentId: string): Promise<void> {
  const { agents, clock, settings } = ports;
  const agent = await agents.get(agentId);
  if (!agent || unavailable(agent, { excluded: {} }, clock.now(), settings)) return;
  const profile = (await agents.profiles([agent])).get(agentId);
  if (!profile) return;
  await fillSlots(ports, agent, profile, {
    limit: agent.maximum,
    manual: false,
    by: 'router',
    start: false,
    asked: false,
    payloadKb: Infinity,
  });
}

/** Due tasks with routing=manual enter their lanes; the rest are assigned to agents. */
async function routeTasks(ports: Ports, ids: readonly string[]): Promise<void> {
  const pending = await pendingTasks(ports, ids);
  const now = ports.clock.now();
  const due = pending.filter((task) => isDue(task, now));
  await Promise.all([
    wakeWhenDue(
      ports,
      pending.filter((task) => !isDue(task, now)),
    ),
    enterLanes(
      ports,
      due.filter(({ routing }) => routing === 'manual'),
    ),
    assignTasks(
      ports,
      due.filter(({ routing }) => routing === 'auto'),
    ),
  ]);
}

const isDue = (task: PendingTask, now: number) => isInLane(task) || task.readyAt <= now;

/** This process's clock is behind the sender's. */
async function wakeWhenDue({ wakeUps, clock }: Ports, early: readonly PendingTask[]): Promise<void> {
  const delays = early.map(({ id, readyAt }) => ({ wakeUp: { task_id: id }, delayMs: readyAt - clock.now() }));
  await wakeUps.send(delays.filter(({ delayMs }) => delayMs <= times.maxWakeUpDelayMs));
}

async function assignTasks(ports: Ports, tasks: readonly PendingTask[]): Promise<void> {
  let open = tasks;
  let known: ReadonlyMap<string, AgentRecord> = new Map();
  for (let round = 0; round < routingRounds && open.length > 0; round += 1) {
    const [tasks, { lanes, records, isComplete }] = await Promise.all([
      round === 0 ? withLaneHeads(ports, open) : open,
      laneCandidates(ports, open, round, { known }),
    ]);
    open = tasks;
    const planned = plan(open, lanes, ports.clock.now(), ports.settings, () => ports.random.fraction());
    if (planned.size === 0 && (isComplete || round >= maxGrowth)) break;
    // A lost race shows that the agents have changed since they were read.
    known = planned.size === 0 ? records : new Map();
    const taken = await Promise.all(
      [...planned].map(([agent, tasks]) =>
        takeOffers(ports, { agent, tasks, by: 'router', start: false, asked: false }),
      ),
    );
    const won = new Set(taken.flatMap(({ tasks }) => tasks.map(({ id }) => id)));
    const missed = open.flatMap(({ id }) => (won.has(id) ? [] : [id]));
    open = await readyTasks(ports, missed);
  }
  await Promise.all([enterLanes(ports, open), wakeWhenCounted(ports, open)]);
}

/**
 * An agent that frees a slot is offered waiting work only if the statistics show any. While they show none, tasks that
 * found no free agent are looked at again once they must have been counted.
 */
async function wakeWhenCounted({ clock, statistics, wakeUps }: Ports, open: readonly PendingTask[]): Promise<void> {
  const since = clock.now() - times.countedWithinMs;
  const uncounted = open.filter(({ readyAt }) => readyAt > since);
  if (uncounted.length === 0 || (await statistics.queue()).pendingAuto > 0) return;
  const delayMs = times.countedWithinMs;
  await wakeUps.send(uncounted.map(({ id }) => ({ wakeUp: { task_id: id }, delayMs })));
}

/** Those of the tasks that the router may assign now. */
const readyTasks = async (ports: Ports, ids: readonly string[]) =>
  (await pendingTasks(ports, ids)).filter((task) => task.routing === 'auto' && isDue(task, ports.clock.now()));

/** Those of the tasks that are pending. A task that seems not to be pending or due is read again, consistently. */
async function pendingTasks({ tasks, clock }: Ports, ids: readonly string[]): Promise<PendingTask[]> {
  if (ids.length === 0) return [];
  const read = (await tasks.getMany(ids)).filter(isPending).filter((task) => isDue(task, clock.now()));
  const rechecked = ids.filter((id) => !read.some((task) => task.id === id));
  if (rechecked.length === 0) return read;
  return [...read, ...(await tasks.getMany(rechecked, { consistent: true })).filter(isPending)];
}

/**
 * Adds as many tasks that have waited longer in the same lanes: a new wake-up does not entitle a task to the first
 * slot. Tasks that have just become ready are left to concurrent routers.
 */
async function withLaneHeads(ports: Ports, routed: readonly PendingTask[]): Promise<PendingTask[]> {
  const counts = new Map<string, number>();
  for (const { lane } of routed) counts.set(lane, (counts.get(lane) ?? 0) + 1);
  const heads = await Promise.all(
    [...counts].map(([key, count]) => ports.listings.lane({ key, routing: 'auto' }, count)),
  );
  const known = new Set(routed.map(({ id }) => id));
  const others = heads.flat().flatMap(({ id }) => (known.has(id) ? [] : [id]));
  const waiting = await readyTasks(ports, others);
  const since = ports.clock.now() - times.routedWithinMs;
  return [...routed, ...waiting.filter((task) => task.readyAt <= since)];
}

/** Due tasks that found no agent enter their lanes. */
async function enterLanes({ tasks, clock, settings }: Ports, due: readonly PendingTask[]): Promise<void> {
  const delayed = due.filter((task) => !isInLane(task));
  await Promise.all(
    delayed.map((task) =>
      tasks.apply(task.id, enterLane(task, pendingEntry(task, task.readyAt, clock.now(), settings))),
    ),
  );
}
