import { inBatches } from '../batches.ts';
import type { Lane } from '../domain/lane.ts';
import { mergedLanes, noLanes, type LaneSummary } from '../domain/lane-summary.ts';
import { times } from '../domain/settings.ts';
import { isPending, type PendingTask, type TaskRecord } from '../domain/task.ts';
import type { ActiveLane, Ports, Turn } from '../ports.ts';
import { laneHeads, lanesAtOnce } from '../steps/lane-heads.ts';
import { lanesWith } from '../steps/overview.ts';

/** How many active lanes one sweep visits. */
const lanesPerSweep = 200;
/** How many tasks at the head of a lane are sent to the router again. */
const wakeUpsPerLane = 50;

/** What the review of lanes needs from its sweep. */
export interface LanesReview {
  hasTime: () => boolean;
  part: (name: string, look: () => Promise<unknown>) => Promise<void>;
  /**
   * Ends a task that has reached the maximum age.
   * @returns whether it had
   */
  endIfTooOld: (task: TaskRecord) => Promise<boolean>;
}

/**
 * Visits active lanes in turn: ready tasks whose wake-up was lost, or that found no free agent, are sent to the router
 * again; lanes that are empty and were not used for a day become dormant; the others are summarized for the snapshot.
 * @returns how many tasks were sent to the router again
 */
export async function reviewActiveLanes(ports: Ports, { hasTime, part, endIfTooOld }: LanesReview): Promise<number> {
  let sent = 0;
  const turn = await ports.lanes.nextActive(lanesPerSweep);
  const heads: Head[] = [];
  await inBatches(turn.items, lanesAtOnce, async (lane) => {
    if (!hasTime()) return;
    await part(`lane ${lane.routing} ${lane.key}`, async () => {
      const { task, resent } = await reviewLane(ports, lane, endIfTooOld);
      if (task) heads.push({ lane, task });
      sent += resent;
    });
  });
  await part('snapshot of the lanes', () => summarizeLanes(ports, turn, heads));
  return sent;
}

interface Head {
  lane: Lane;
  task: PendingTask;
}

/** @returns the head of the lane, and how many tasks were sent to the router again */
async function reviewLane(
  ports: Ports,
  lane: ActiveLane,
  endIfTooOld: LanesReview['endIfTooOld'],
): Promise<{ task?: PendingTask; resent: number }> {
  const { tasks, wakeUps, clock } = ports;
  const now = clock.now();
  const heads = await laneHeads(ports, [lane], wakeUpsPerLane);
  if (heads.length === 0) {
    if (now - lane.usedAt >= times.dormantAfterMs) await ports.lanes.retire(lane);
    return { resent: 0 };
  }
  const found = await tasks.getMany(heads.map(({ id }) => id));
  const areTooOld = await Promise.all(found.map(endIfTooOld));
  const ready = found.filter((_, n) => !areTooOld[n]).filter(isPending);
  const resent = lane.routing === 'auto' ? ready.filter((task) => hasWaited(task, now)) : [];
  await wakeUps.send(resent.map(({ id }) => ({ wakeUp: { task_id: id } })));
  return { ...(ready[0] && { task: ready[0] }), resent: resent.length };
}

const hasWaited = ({ readyAt }: PendingTask, now: number) => now - readyAt >= times.wakeAgainMs;

async function summarizeLanes(ports: Ports, turn: Turn<ActiveLane>, heads: readonly Head[]): Promise<void> {
  const now = ports.clock.now();
  const parts = [
    turn.carried === undefined ? noLanes : (JSON.parse(turn.carried) as LaneSummary),
    // Tasks that became ready a moment ago may not have found their agent yet.
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

/** If there is a task in an inactive lane, for whatever reason, the lane is activated. */
export async function reviewInactiveLanes({ lanes, listings }: Ports, { hasTime, part }: LanesReview): Promise<void> {
  await inBatches(await lanes.nextInactive(), lanesAtOnce, async (lane) => {
    if (!hasTime()) return;
    await part(`lane ${lane.routing} ${lane.key}`, async () => {
      if ((await listings.lane(lane, 1)).length > 0) await lanes.use(lane);
    });
  });
}
