import * as contract from '../../contract/statistics.ts';
import { skewedFrom, skewOf, type FleetMember } from '../../domain/fleet.ts';
import type { QueueCounts } from '../../domain/statistics.ts';
import { allAgents } from '../../steps/all-agents.ts';
import { implement } from '../implement.ts';

export const getRoutingStatistics = implement(contract.getRoutingStatistics, async (ports) => {
  const [counts, fleet] = await Promise.all([ports.statistics.queue(), allAgents(ports)]);
  return routingStatistics(counts, fleet);
});

type Counts = Pick<
  QueueCounts,
  'waiting' | 'pending' | 'assigned' | 'running' | 'completed' | 'failed' | 'blocked' | 'cancelled'
>;

/** How much of the work is assigned and how evenly the agents are used. */
export function routingStatistics(counts: Counts, fleet: readonly FleetMember[]) {
  const { waiting, pending, assigned, running, completed, failed, blocked, cancelled } = counts;
  const given = assigned + running + completed + failed;
  const total = given + waiting + pending + blocked + cancelled;
  const { skew } = skewOf(fleet);
  return {
    total_tasks: total,
    assigned_count: given,
    assignment_rate: total === 0 ? 1 : given / total,
    should_rebalance: skew > skewedFrom,
    skew,
  };
}
