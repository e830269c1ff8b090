import { isCapable, unavailable, withSlotFreed, type AgentProfile, type AgentRecord } from '../domain/agent.ts';
import { releasedOrder } from '../domain/lane.ts';
import { isAsGoodAsAny, plan, type LaneCandidates, type Plannable } from '../domain/plan.ts';
import type { CompletedTask } from '../domain/task.ts';
import type { Ports, ReadyTask } from '../ports.ts';
import { laneCandidates } from './lane-candidates.ts';
import { laneHeads, lanesAtOnce, shuffled } from './lane-heads.ts';
import { takeOffers } from './take-offers.ts';
import { isLast, type Dependent } from './update-dependents.ts';

/** A dependent that this completion makes ready, for the router to assign. */
type Released = Plannable & Pick<ReadyTask, 'timeoutMs' | 'edge'>;

/** What a completion may assign at once, and the facts needed to do so. */
export interface Releasing {
  released: readonly Released[];
  /** Absent if the completing agent is likely to be as good as any. */
  candidates: ReadonlyMap<string, LaneCandidates> | undefined;
  /** The most urgent ready task in these dependents' lanes or in those that the completing agent serves. */
  head: ReadyTask | undefined;
  profile: AgentProfile | undefined;
}

/** The dependents that a completion makes ready now and the router is to assign. */
export function forRouter({ clock }: Pick<Ports, 'clock'>, dependents: readonly Dependent[]): Dependent[] {
  const now = clock.now();
  return dependents
    .filter(isLast)
    .filter(({ edge: { routing, notBefore = 0 } }) => routing === 'auto' && notBefore <= now);
}

/**
 * Reads the candidates for these dependents and the ready tasks ahead of them, while the completing agent's slot is
 * being freed. Candidates are not read if, by what this process remembers, the completing agent will be as good as any.
 * @returns undefined if there is nothing to assign, or a read fails; then the router does it
 */
export async function releasingOf(
  ports: Ports,
  dependents: readonly Dependent[],
  { id: completed, agentId }: Pick<CompletedTask, 'id' | 'agentId'>,
): Promise<Releasing | undefined> {
  if (dependents.length === 0) return undefined;
  const readyAt = ports.clock.now();
  const released = dependents.map(({ edge }): Released => {
    const { childId: id, lane, priority, timeoutMs } = edge;
    return { id, lane, priority, timeoutMs, readyAt, excluded: {}, edge };
  });
  try {
    const profile = ports.agents.lastKnown(agentId);
    const written = ports.agents.lastWritten(agentId);
    const likely = await onlyCandidate(ports, released, profile, written && withSlotFreed(written, completed));
    const [candidates, head] = await Promise.all([
      likely ? undefined : candidatesFor(ports, released, profile),
      firstWaiting(ports, released, profile),
    ]);
    return { released, candidates, head, profile };
  } catch {
    return undefined;
  }
}

const candidatesFor = async (ports: Ports, released: readonly Released[], profile: AgentProfile | undefined) =>
  (await laneCandidates(ports, released, 0, { without: profile?.id })).lanes;

/** This agent as the only candidate, if there is a single task and no other agent can be clearly better for it. */
async function onlyCandidate(
  { lanes }: Ports,
  [task, ...others]: readonly Released[],
  profile: AgentProfile | undefined,
  agent: AgentRecord | undefined,
): Promise<Map<string, LaneCandidates> | undefined> {
  if (!task || others.length > 0 || !agent || profile?.version !== agent.profileVersion) return undefined;
  const { capabilities } = profile;
  const requirements = (await lanes.requirements([task.lane])).get(task.lane) ?? [];
  if (!isCapable(capabilities, requirements) || !isAsGoodAsAny({ agent, capabilities }, requirements)) return undefined;
  return new Map([[task.lane, { requirements, candidates: [{ agent, capabilities }] }]]);
}

async function firstWaiting(
  ports: Ports,
  released: readonly Released[],
  profile: AgentProfile | undefined,
): Promise<ReadyTask | undefined> {
  const keys = new Set(released.map(({ lane }) => lane));
  const servable = profile ? await ports.lanes.servable(profile.capabilities) : [];
  const others = servable.filter(({ key, routing }) => routing === 'auto' && !keys.has(key));
  const lanes = [
    ...[...keys].map((key) => ({ key, routing: 'auto' as const })),
    ...shuffled(ports, others).slice(0, lanesAtOnce),
  ];
  return (await laneHeads(ports, lanes, 1))[0];
}

/**
 * Assigns dependents to the best agents with free slots, each from waiting to assigned in one write, without a lane or
 * a wake-up of the router. Dependents that should run after other ready tasks are left to the router, so that a chain
 * of tasks does not keep its agent from more urgent work.
 * @param freed the agent that completed, with its slot freed
 * @returns the ids of the assigned tasks
 */
export async function assignReleased(
  ports: Ports,
  releasing: Releasing,
  freed: AgentRecord | undefined,
): Promise<Set<string>> {
  const { clock, random, settings } = ports;
  const { released, head } = releasing;
  const orderOf = ({ priority, readyAt }: Released) => releasedOrder(priority, readyAt, settings.allowanceMs);
  const first = released.filter((task) => !head || orderOf(task) <= head.order);
  if (first.length === 0) return new Set();
  const lanes = await lanesOf(ports, releasing, freed).catch(() => new Map<string, LaneCandidates>());
  const planned = plan(first, lanes, clock.now(), settings, () => random.fraction());
  const taken = await Promise.allSettled(
    [...planned].map(([agent, tasks]) => takeOffers(ports, { agent, tasks, by: 'router', start: false, asked: false })),
  );
  return new Set(taken.flatMap((one) => (one.status === 'fulfilled' ? one.value.tasks.map(({ id }) => id) : [])));
}

/** The candidates for each lane, read now if the freed agent turns out not to be as good as any. */
async function lanesOf(
  ports: Ports,
  { released, candidates, profile }: Releasing,
  freed: AgentRecord | undefined,
): Promise<Map<string, LaneCandidates>> {
  const isFree = freed && !unavailable(freed, { excluded: {} }, ports.clock.now(), ports.settings);
  const only = candidates || !isFree ? undefined : await onlyCandidate(ports, released, profile, freed);
  if (only) return only;
  const read = candidates ?? (await candidatesFor(ports, released, profile));
  return new Map([...read].map(([key, lane]) => [key, freed ? withFreed(lane, freed, profile) : lane]));
}

/** Replaces the agent as read by its current record, or adds it if the sample lacks it. */
function withFreed(
  { requirements, candidates }: LaneCandidates,
  freed: AgentRecord,
  profile: AgentProfile | undefined,
): LaneCandidates {
  const read = candidates.find(({ agent }) => agent.id === freed.id);
  const isKnown = profile?.version === freed.profileVersion && isCapable(profile.capabilities, requirements);
  const capabilities = read?.capabilities ?? (isKnown ? profile.capabilities : undefined);
  const others = candidates.filter((candidate) => candidate !== read);
  return { requirements, candidates: capabilities ? [...others, { agent: freed, capabilities }] : others };
}
