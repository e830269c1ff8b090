import * as contract from '../../contract/statistics.ts';
import { routingStatistics } from '../../domain/fleet.ts';
import { fleetNow } from '../../steps/overview.ts';
import { atLeastZero } from '../../steps/queue-statistics.ts';
import { implement } from '../implement.ts';

export const getRoutingStatistics = implement(contract.getRoutingStatistics, async (ports) => {
  const [counts, { summary }] = await Promise.all([ports.statistics.queue(), fleetNow(ports)]);
  return routingStatistics(atLeastZero(counts), summary);
});
