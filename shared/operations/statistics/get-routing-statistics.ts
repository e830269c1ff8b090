import * as contract from '../../contract/statistics.ts';
import { routingStatistics } from '../../domain/fleet.ts';
import { allAgents } from '../../steps/all-agents.ts';
import { implement } from '../implement.ts';

export const getRoutingStatistics = implement(contract.getRoutingStatistics, async (ports) => {
  const [counts, fleet] = await Promise.all([ports.statistics.queue(), allAgents(ports)]);
  return routingStatistics(counts, fleet);
});
