import { fleetStatistics, routingStatistics } from '../domain/fleet.ts';
import type { Situation } from '../domain/recommendations.ts';
import type { Ports } from '../ports.ts';
import { fleetNow, lanesNow } from './overview.ts';
import { queueStatisticsOf, atLeastZero } from './queue-statistics.ts';

/** The facts that health and recommendations are based on. */
export async function situation(
  ports: Ports,
): Promise<Situation & { agents: ReturnType<typeof fleetStatistics>; asOf: number }> {
  const [counts, { summary: fleet, at }, lanes] = await Promise.all([
    ports.statistics.queue(),
    fleetNow(ports),
    lanesNow(ports),
  ]);
  return {
    queue: queueStatisticsOf(counts, lanes, ports.clock.now()),
    fleet,
    lanes,
    agents: fleetStatistics(fleet),
    routing: routingStatistics(atLeastZero(counts), fleet),
    asOf: at,
  };
}
