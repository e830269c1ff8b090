import * as contract from '../../contract/statistics.ts';
import { summarize } from '../../domain/fleet.ts';
import { allAgents } from '../../steps/all-agents.ts';
import { implement } from '../implement.ts';

export const getAgentStatistics = implement(contract.getAgentStatistics, async (ports) =>
  summarize(await allAgents(ports), ports.clock.now(), ports.settings),
);
