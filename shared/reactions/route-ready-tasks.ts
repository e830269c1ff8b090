import { unavailable } from '../domain/agent.ts';
import { enterLane } from '../domain/lifecycle.ts';
import { isInLane, pendingEntry } from '../domain/index-entries.ts';
import { plan } from '../domain/plan.ts';
import { times } from '../domain/settings.ts';
import { isPending, type PendingTask } from '../domain/task.ts';
import type { WakeUp, Ports } from '../ports.ts';
import { fillSlots } from '../steps/fill-slots.ts';
import { laneCandidates, maxGrowth } from '../steps/lane-candidates.ts';
import { takeOffers } from '../steps/take-offers.ts';

/** How often other agents are tried for tasks whose first choice had no room after all, or that found nobody free. */
const routingRounds = 6;

/**
 * Gives ready tasks to the best capable agents with free slots. A task for which nobody is free stays in its lane: whoever
 * frees up takes it from there. One whose message comes early, by the clock of this process, gets another.
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

/** What is to be claimed enters its lane when its delay is over; the rest goes to agents. */
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

/** The clock of this process is behind that of whoever sent the message. */
async function wakeWhenDue({ wakeUps, clock }: Ports, early: readonly PendingTask[]): Promise<void> {
  const delays = early.map(({ id, readyAt }) => ({ wakeUp: { task_id: id }, delayMs: readyAt - clock.now() }));
  await wakeUps.send(delays.filter(({ delayMs }) => delayMs <= times.maxWakeUpDelayMs));
}

async function assignTasks(ports: Ports, tasks: readonly PendingTask[]): Promise<void> {
  let open = tasks;
  for (let round = 0; round < routingRounds && open.length > 0; round += 1) {
    const [tasks, { lanes, isEverybody }] = await Promise.all([
      round === 0 ? withLaneHeads(ports, open) : open,
      laneCandidates(ports, open, round),
    ]);
    open = tasks;
    const planned = plan(open, lanes, ports.clock.now(), ports.settings, () => ports.random.fraction());
    if (planned.size === 0 && (isEverybody || round >= maxGrowth)) break;
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
 * An agent that frees a slot is given waiting work only if the statistics show any. As long as they show none, tasks for which nobody
 * was free are looked at again when they must be counted.
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

/** Those of the tasks that are pending. One that does not look so, or not due, is read again, consistently. */
async function pendingTasks({ tasks, clock }: Ports, ids: readonly string[]): Promise<PendingTask[]> {
  if (ids.length === 0) return [];
  const read = (await tasks.getMany(ids)).filter(isPending).filter((task) => isDue(task, clock.now()));
  const doubtful = ids.filter((id) => !read.some((task) => task.id === id));
  if (doubtful.length === 0) return read;
  return [...read, ...(await tasks.getMany(doubtful, { consistent: true })).filter(isPending)];
}

/**
 * The tasks, and as many that have waited before them in their lanes: a new wake-up is no reason to be given a slot first.
 * Those that have just come are left to the routers that run at the same time.
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

/** Tasks whose delay has ended and that nobody was given wait in their lanes from now on. */
async function enterLanes({ tasks, clock, settings }: Ports, due: readonly PendingTask[]): Promise<void> {
  const delayed = due.filter((task) => !isInLane(task));
  await Promise.all(
    delayed.map((task) =>
      tasks.apply(task.id, enterLane(task, pendingEntry(task, task.readyAt, clock.now(), settings))),
    ),
  );
}
