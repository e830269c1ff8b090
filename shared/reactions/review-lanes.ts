import { inBatches } from '../batches.ts';
import type { Lane } from '../domain/lane.ts';
import { mergedLanes, noLanes, type LaneSummary } from '../domain/lane-summary.ts';
import { times } from '../domain/settings.ts';
import { isPending, type PendingTask, type TaskRecord } from '../domain/task.ts';
import type { ActiveLane, Ports, Turn } from '../ports.ts';
import { laneHeads, lanesAtOnce } from '../steps/lane-heads.ts';
import { lanesWith } from '../steps/overview.ts';

/** How many active lanes one sweep looks at. */
const lanesPerSweep = 200;
/** How many of the tasks at the head of a lane are sent to the router again. */
const wakeUpsPerLane = 50;

/** What a look at the lanes needs of the sweep that it is part of. */
export interface LanesReview {
  hasTime: () => boolean;
  part: (name: string, look: () => Promise<unknown>) => Promise<void>;
  /** Ends a task that has lived for too long. @returns whether it was one */
  endIfTooOld: (task: TaskRecord) => Promise<boolean>;
}

/**
 * Looks at active lanes in turn: ready work whose wake-up was lost, or for which nobody was free then, is sent to the router
 * again; a lane that is empty and was not used for a day turns dormant; the others are summed up for the snapshot.
 * @returns how many tasks were sent to the router again
 */
export async function reviewActiveLanes(ports: Ports, { hasTime, part, endIfTooOld }: LanesReview): Promise<number> {
  let sent = 0;
  const turn = await ports.lanes.nextActive(lanesPerSweep);
  const heads: Head[] = [];
  await inBatches(turn.items, lanesAtOnce, async (lane) => {
    if (!hasTime()) return;
    await part(`lane ${lane.routing} ${lane.key}`, async () => {
      const { task, forgotten } = await reviewLane(ports, lane, endIfTooOld);
      if (task) heads.push({ lane, task });
      sent += forgotten;
    });
  });
  await part('snapshot of the lanes', () => sumUpLanes(ports, turn, heads));
  return sent;
}

interface Head {
  lane: Lane;
  task: PendingTask;
}

/** @returns the task at the head of the lane, and how many tasks were sent to the router again */
async function reviewLane(
  ports: Ports,
  lane: ActiveLane,
  endIfTooOld: LanesReview['endIfTooOld'],
): Promise<{ task?: PendingTask; forgotten: number }> {
  const { tasks, wakeUps, clock } = ports;
  const now = clock.now();
  const heads = await laneHeads(ports, [lane], wakeUpsPerLane);
  if (heads.length === 0) {
    if (now - lane.usedAt >= times.dormantAfterMs) await ports.lanes.retire(lane);
    return { forgotten: 0 };
  }
  const found = await tasks.getMany(heads.map(({ id }) => id));
  const areTooOld = await Promise.all(found.map(endIfTooOld));
  const ready = found.filter((_, n) => !areTooOld[n]).filter(isPending);
  const forgotten = lane.routing === 'auto' ? ready.filter((task) => hasWaited(task, now)) : [];
  await wakeUps.send(forgotten.map(({ id }) => ({ wakeUp: { task_id: id } })));
  return { ...(ready[0] && { task: ready[0] }), forgotten: forgotten.length };
}

const hasWaited = ({ readyAt }: PendingTask, now: number) => now - readyAt >= times.wakeAgainMs;

async function sumUpLanes(ports: Ports, turn: Turn<ActiveLane>, heads: readonly Head[]): Promise<void> {
  const now = ports.clock.now();
  const parts = [
    turn.carried === undefined ? noLanes : (JSON.parse(turn.carried) as LaneSummary),
    // What has just become ready may not have found its agent yet.
    await lanesWith(
      ports,
      heads.filter(({ task }) => hasWaited(task, now)),
    ),
    ...heads
      .filter(({ task }) => !hasWaited(task, now))
      .map(({ task }) => ({ ...noLanes, oldestReadyAt: task.readyAt, withWork: 1 })),
  ];
  const summary = parts.reduce(mergedLanes);
  if (turn.isLast) await ports.snapshots.put('lanes', { summary, at: now });
  await turn.advance(JSON.stringify(summary));
}

/** Whatever the reason that there is a task in a lane which is not active: the lane wakes. */
export async function reviewInactiveLanes({ lanes, listings }: Ports, { hasTime, part }: LanesReview): Promise<void> {
  await inBatches(await lanes.nextInactive(), lanesAtOnce, async (lane) => {
    if (!hasTime()) return;
    await part(`lane ${lane.routing} ${lane.key}`, async () => {
      if ((await listings.lane(lane, 1)).length > 0) await lanes.use(lane);
    });
  });
}
