import { inBatches } from '../batches.ts';
import { times } from '../domain/settings.ts';
import { isPending, type TaskRecord } from '../domain/task.ts';
import type { ActiveLane, Ports } from '../ports.ts';
import { laneHeads, lanesAtOnce } from '../steps/lane-heads.ts';

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
 * again; a lane that is empty and was not used for a day turns dormant.
 */
export async function reviewActiveLanes(ports: Ports, { hasTime, part, endIfTooOld }: LanesReview): Promise<void> {
  const { lanes } = await ports.lanes.nextActive(lanesPerSweep);
  await inBatches(lanes, lanesAtOnce, async (lane) => {
    if (hasTime()) await part(`lane ${lane.routing} ${lane.key}`, () => reviewLane(ports, lane, endIfTooOld));
  });
}

async function reviewLane(ports: Ports, lane: ActiveLane, endIfTooOld: LanesReview['endIfTooOld']): Promise<void> {
  const { tasks, wakeUps, clock } = ports;
  const now = clock.now();
  const heads = await laneHeads(ports, [lane], wakeUpsPerLane);
  if (heads.length === 0) {
    if (now - lane.usedAt >= times.dormantAfterMs) await ports.lanes.retire(lane);
    return;
  }
  const found = await tasks.getMany(heads.map(({ id }) => id));
  const areTooOld = await Promise.all(found.map(endIfTooOld));
  const forgotten = found.filter(
    (task, n) => isPending(task) && !areTooOld[n] && now - task.readyAt >= times.wakeAgainMs,
  );
  if (lane.routing === 'auto') await wakeUps.send(forgotten.map(({ id }) => ({ wakeUp: { task_id: id } })));
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
