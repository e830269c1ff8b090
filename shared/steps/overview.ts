import { inBatches } from '../batches.ts';
import { summarize, type FleetSummary } from '../domain/fleet.ts';
import { mergedLanes, noLanes, type LaneSummary, type StuckTask } from '../domain/lane-summary.ts';
import type { Lane } from '../domain/lane.ts';
import type { PendingTask } from '../domain/task.ts';
import type { Ports, Snapshot } from '../ports.ts';
import { headsOf, lanesAtOnce } from './lane-heads.ts';
import { isNoneCapable } from './none-capable.ts';

/** Up to this many agents or lanes are read live; for more, the response comes from the sweep's snapshot. */
const maxAgentsLive = 10;
const maxLanesLive = 20;
/** How many are read if there are more and no sweep has visited them all yet: as many as one sweep visits. */
const maxAgentsWithoutSnapshot = 1000;
const maxLanesWithoutSnapshot = 200;

/** A summary of all agents: live if there are few, else from the sweep's snapshot. */
export async function fleetNow(ports: Ports): Promise<Snapshot<FleetSummary>> {
  const { agents, snapshots, clock, settings } = ports;
  let { items: ids } = await agents.list(undefined, maxAgentsLive + 1, undefined);
  if (ids.length > maxAgentsLive) {
    const snapshot = await snapshots.get('fleet');
    if (snapshot) return snapshot;
    ids = (await agents.list(undefined, maxAgentsWithoutSnapshot, undefined)).items;
  }
  const records = await agents.getMany(ids);
  const profiles = await agents.profiles(records);
  const fleet = records.map((agent) => ({ agent, profile: profiles.get(agent.id) }));
  return { summary: summarize(fleet, clock.now(), settings), at: clock.now() };
}

/** A summary of all active lanes: live if there are few, else from the sweep's snapshot. */
export async function lanesNow(ports: Ports): Promise<LaneSummary> {
  let lanes = await ports.lanes.someActive(maxLanesLive + 1);
  if (lanes.length > maxLanesLive) {
    const snapshot = await ports.snapshots.get('lanes');
    if (snapshot) return snapshot.summary;
    lanes = await ports.lanes.someActive(maxLanesWithoutSnapshot);
  }
  return lanesWith(ports, await headsOf(ports, lanes));
}

/** A summary of lanes with these tasks at their heads. */
export async function lanesWith(
  ports: Ports,
  heads: readonly { lane: Lane; task: PendingTask }[],
): Promise<LaneSummary> {
  const parts = await inBatches(heads, lanesAtOnce, async ({ lane, task }): Promise<LaneSummary> => {
    const missing = await missingIn(ports, lane.requirements);
    const stuck: StuckTask[] = missing ? [{ taskId: task.id, requirements: lane.requirements, missing }] : [];
    return { oldestReadyAt: task.readyAt, withWork: 1, stuck, stuckLanes: stuck.length };
  });
  return parts.reduce(mergedLanes, noLanes);
}

/**
 * The requirements that no agent has; undefined if some agent meets them all, or there are too many agents to be sure.
 */
async function missingIn(ports: Ports, requirements: readonly string[]): Promise<string[] | undefined> {
  if (!(await isNoneCapable(ports, requirements))) return undefined;
  const isMissing = await Promise.all(requirements.map((name) => isNoneCapable(ports, [name])));
  return requirements.filter((_, n) => isMissing[n]);
}
