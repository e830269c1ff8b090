import { inBatches } from '../batches.ts';
import { summarize, type FleetSummary } from '../domain/fleet.ts';
import { mergedLanes, noLanes, type LaneSummary, type StuckTask } from '../domain/lane-summary.ts';
import type { Lane } from '../domain/lane.ts';
import type { PendingTask } from '../domain/task.ts';
import type { Ports, Snapshot } from '../ports.ts';
import { headsOf, lanesAtOnce } from './lane-heads.ts';

/** So many agents and lanes are looked at when somebody asks. Of more, what the sweep has seen is told. */
const maxAgentsLive = 10;
const maxLanesLive = 20;
/** Among so many agents is looked for one that can serve a lane. */
const maxCapableRead = 100;

/** All agents summed up: as they are now where they are few, else as the sweep has seen them. */
export async function fleetNow(ports: Ports): Promise<Snapshot<FleetSummary>> {
  const { agents, snapshots, clock, settings } = ports;
  const { items: ids } = await agents.list(undefined, maxAgentsLive + 1, undefined);
  const snapshot = ids.length > maxAgentsLive ? await snapshots.get('fleet') : undefined;
  if (snapshot) return snapshot;
  const records = await agents.getMany(ids);
  const profiles = await agents.profiles(records);
  const fleet = records.map((agent) => ({ agent, profile: profiles.get(agent.id) }));
  return { summary: summarize(fleet, clock.now(), settings), at: clock.now() };
}

/** All active lanes summed up: as they are now where they are few, else as the sweep has seen them. */
export async function lanesNow(ports: Ports): Promise<LaneSummary> {
  const lanes = await ports.lanes.someActive(maxLanesLive + 1);
  const snapshot = lanes.length > maxLanesLive ? await ports.snapshots.get('lanes') : undefined;
  if (snapshot) return snapshot.summary;
  return lanesWith(ports, await headsOf(ports, lanes));
}

/** What there is to say about lanes with these tasks at their heads. */
export async function lanesWith(
  ports: Ports,
  heads: readonly { lane: Lane; task: PendingTask }[],
): Promise<LaneSummary> {
  const parts = await inBatches(heads, lanesAtOnce, async ({ lane, task }): Promise<LaneSummary> => {
    const missing = await missingIn(ports, lane.requirements);
    const stuck: StuckTask[] = missing ? [{ taskId: task.id, requirements: lane.requirements, missing }] : [];
    return { oldestReadyAt: task.readyAt, stuck, stuckLanes: stuck.length };
  });
  return parts.reduce(mergedLanes, noLanes);
}

/** Which of the requirements no agent has; undefined where some agent can do it all, or there are too many to be sure. */
async function missingIn({ agents }: Ports, requirements: readonly string[]): Promise<string[] | undefined> {
  const isNobody = async (names: readonly string[]) => {
    const { members, isWhole } = await agents.capable(names, maxCapableRead);
    return isWhole && members.length === 0;
  };
  if (!(await isNobody(requirements))) return undefined;
  const has = await Promise.all(requirements.map(async (name) => !(await isNobody([name]))));
  return requirements.filter((_, n) => !has[n]);
}
