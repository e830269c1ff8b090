import type { AgentRecord } from '../domain/agent.ts';
import { isAbandoned } from '../domain/offer.ts';
import type { LaneCandidates, Plannable } from '../domain/plan.ts';
import type { Member, Ports } from '../ports.ts';
import { clearStaleOffers } from './stale-offers.ts';

/** The number of agents sampled in the first round; each of the next two rounds samples five times as many. */
const sampleSize = 12;
export const maxGrowth = 2;

/**
 * The agents that can do the tasks of each lane: a sample that grows with the batch and the round, not with the fleet.
 * @param without an agent whose state the caller knows; it is neither read nor included
 */
export async function laneCandidates(
  ports: Ports,
  open: readonly Pick<Plannable, 'id' | 'lane'>[],
  round: number,
  without?: string,
): Promise<{ lanes: Map<string, LaneCandidates>; isComplete: boolean }> {
  const { agents, lanes } = ports;
  const keys = [...new Set(open.map((task) => task.lane))];
  const size = Math.max(open.length, sampleSize * 5 ** Math.min(round, maxGrowth));
  const requirements = await lanes.requirements(keys);
  const samples = await Promise.all(
    keys.map((key) => agents.capable(requirements.get(key) ?? [], size, round === 0 ? 'any' : 'fresh')),
  );
  const ids = new Set(samples.flatMap(({ members }) => members.map(({ id }) => id)));
  if (without !== undefined) ids.delete(without);
  const read = await Promise.all(
    (await agents.getMany([...ids])).map((agent) => withoutStaleOffers(ports, agent, open)),
  );
  const records = new Map(read.map((agent) => [agent.id, agent]));
  // An agent that registered again since the sample was read is found with a fresh sample.
  const isCurrent = ({ id, version }: Member) => records.get(id)?.profileVersion === version;
  const candidates = (members: readonly Member[]) =>
    members.filter(isCurrent).flatMap(({ id, capabilities }) => {
      const agent = records.get(id);
      return agent ? [{ agent, capabilities }] : [];
    });
  return {
    isComplete: samples.every(({ isWhole, members }) => isWhole && (round > 0 || members.every(isCurrent))),
    lanes: new Map(
      keys.map((key, n) => [
        key,
        { requirements: requirements.get(key) ?? [], candidates: candidates(samples[n]?.members ?? []) },
      ]),
    ),
  };
}

/** Removes abandoned offers of these tasks, which would keep an agent from being offered them again. */
async function withoutStaleOffers(
  ports: Ports,
  agent: AgentRecord,
  open: readonly Pick<Plannable, 'id'>[],
): Promise<AgentRecord> {
  const now = ports.clock.now();
  const isStale = open.some(({ id }) => isAbandoned(agent.inbox[id] ?? '', now));
  return isStale ? (await clearStaleOffers(ports, agent)).agent : agent;
}
