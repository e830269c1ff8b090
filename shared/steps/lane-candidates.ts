import type { AgentRecord } from '../domain/agent.ts';
import { isAbandoned } from '../domain/offer.ts';
import type { LaneCandidates, Plannable } from '../domain/plan.ts';
import type { Member, Ports } from '../ports.ts';
import { clearStaleOffers } from './stale-offers.ts';

/** The number of agents sampled in the first round; each of the next two rounds samples five times as many. */
const sampleSize = 12;
export const maxGrowth = 2;

/** The agents of some lanes. */
export interface Candidates {
  lanes: Map<string, LaneCandidates>;
  /** The agents that were read, by id. */
  records: ReadonlyMap<string, AgentRecord>;
  /** No agent is missing that could do the tasks. */
  isComplete: boolean;
}

/**
 * The agents that can do the tasks of each lane: a sample that grows with the batch and the round, not with the fleet.
 * @param known agents that were just read; they are not read again
 * @param without an agent whose state the caller knows; it is neither read nor included
 */
export async function laneCandidates(
  ports: Ports,
  open: readonly Pick<Plannable, 'id' | 'lane'>[],
  round: number,
  { known = new Map(), without }: { known?: ReadonlyMap<string, AgentRecord>; without?: string | undefined } = {},
): Promise<Candidates> {
  const { agents, lanes } = ports;
  const keys = [...new Set(open.map((task) => task.lane))];
  const size = Math.max(open.length, sampleSize * 5 ** Math.min(round, maxGrowth));
  const requirements = await lanes.requirements(keys);
  const samples = await Promise.all(
    keys.map((key) => agents.capable(requirements.get(key) ?? [], size, round === 0 ? 'any' : 'fresh')),
  );
  const sampled = samples.flatMap(({ members }) => members);
  const unknown = sampled.filter(({ id, version }) => id !== without && known.get(id)?.profileVersion !== version);
  const read = await Promise.all(
    (await agents.getMany([...new Set(unknown.map(({ id }) => id))])).map((agent) =>
      withoutStaleOffers(ports, agent, open),
    ),
  );
  const records = new Map([...known, ...read.map((agent) => [agent.id, agent] as const)]);
  // An agent that registered again since the sample was read is found with a fresh sample.
  const isCurrent = ({ id, version }: Member) => records.get(id)?.profileVersion === version;
  const candidates = (members: readonly Member[]) =>
    members.filter(isCurrent).flatMap(({ id, capabilities }) => {
      const agent = records.get(id);
      return agent ? [{ agent, capabilities }] : [];
    });
  return {
    records,
    // An agent that registered since the sample was read may have found no work in these lanes.
    isComplete: samples.every(
      ({ isWhole, isFresh, members }) => isWhole && isFresh && (round > 0 || members.every(isCurrent)),
    ),
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
