import * as contract from '../../contract/statistics.ts';
import { fleetStatistics } from '../../domain/fleet.ts';
import { fleetNow } from '../../steps/overview.ts';
import { instant } from '../../wire/instant.ts';
import { implement } from '../implement.ts';

export const getAgentStatistics = implement(contract.getAgentStatistics, async (ports) => {
  const { summary, at } = await fleetNow(ports);
  return { ...fleetStatistics(summary), as_of: instant(at) };
});
