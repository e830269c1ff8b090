import { isCapable } from '../domain/agent.ts';
import { routingStatistics, summarize } from '../domain/fleet.ts';
import type { Situation } from '../domain/recommendations.ts';
import type { Ports } from '../ports.ts';
import { allAgents } from './all-agents.ts';
import { headsOfAllLanes } from './lane-heads.ts';
import { queueStatistics } from './queue-statistics.ts';

/** Everything that health and recommendations are judged by. */
export async function situation(ports: Ports): Promise<Situation> {
  const { clock, settings } = ports;
  const [queue, fleet, heads] = await Promise.all([queueStatistics(ports), allAgents(ports), headsOfAllLanes(ports)]);
  const stuck = heads.filter(
    ({ lane }) => !fleet.some(({ profile }) => isCapable(profile?.capabilities ?? {}, lane.requirements)),
  );
  return {
    queue,
    fleet,
    agents: summarize(fleet, clock.now(), settings),
    routing: routingStatistics(queue, fleet),
    stuck: stuck.map(({ lane, task }) => ({ taskId: task.id, requirements: lane.requirements })),
    now: clock.now(),
    settings,
  };
}
