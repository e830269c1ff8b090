import { noLanes, oldestReadySeconds } from '../domain/lane-summary.ts';
import type { Ports } from '../ports.ts';
import type { openStatuses } from '../domain/statistics.ts';
import { atLeastZero } from './queue-statistics.ts';

/** The state of the work in numbers, to plot over time. Numbers that do not exist are left out. */
export type WorkSummary = Record<(typeof openStatuses)[number], number> & {
  oldestReadySeconds: number;
  lanesWithWork: number;
  /** Lanes with ready work that no agent can do. */
  stuckLanes: number;
  /** Of the last hour. */
  successRate?: number;
  agentsActive?: number;
  agentsBusy?: number;
  agentsStale?: number;
  agentsDraining?: number;
  slotsUsed?: number;
  slotsFree?: number;
};

/** Reads the counters and the sweep's snapshots, at a cost that does not depend on the number of tasks. */
export async function workSummary({ statistics, snapshots, clock }: Ports): Promise<WorkSummary> {
  const [{ counts, minutes }, fleet, lanes] = await Promise.all([
    statistics.lastHour(),
    snapshots.get('fleet'),
    snapshots.get('lanes'),
  ]);
  const { withWork = 0, stuckLanes, ...oldest } = lanes?.summary ?? noLanes;
  const { waiting, blocked, pending, assigned, running } = atLeastZero(counts);
  const completed = minutes.reduce((sum, minute) => sum + minute.counts.completed, 0);
  const failed = minutes.reduce((sum, minute) => sum + minute.counts.failed, 0);
  return {
    ...{ waiting, blocked, pending, assigned, running },
    oldestReadySeconds: oldestReadySeconds(oldest, clock.now()),
    lanesWithWork: withWork,
    stuckLanes,
    ...(completed + failed > 0 && { successRate: completed / (completed + failed) }),
    ...(fleet && {
      agentsActive: fleet.summary.active,
      agentsBusy: fleet.summary.busy,
      agentsStale: fleet.summary.stale,
      agentsDraining: fleet.summary.draining,
      slotsUsed: fleet.summary.slots.used,
      slotsFree: Math.max(0, fleet.summary.slots.total - fleet.summary.slots.used),
    }),
  };
}
