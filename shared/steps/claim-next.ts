import { isCapable, type AgentProfile, type AgentRecord } from '../domain/agent.ts';
import { isCurrent } from '../domain/instance.ts';
import { releasedOrder } from '../domain/lane.ts';
import type { CompletedTask, TaskRecord } from '../domain/task.ts';
import type { ClaimedTask } from '../contract/task.ts';
import type { Ports, ReadyTask } from '../ports.ts';
import { claim, type Claim } from './claim-work.ts';
import { likelyHeads, type Heads } from './fill-slots.ts';
import { freedSlot, freeSlot } from './free-slot.ts';
import { inLaneOrder } from './lane-heads.ts';
import { isLast, updateDependents, type Dependent } from './update-dependents.ts';

/** Facts for the next claim, read while a completion is being written; may be a few seconds old, or missing. */
export interface Prefetched {
  agent: AgentRecord | undefined;
  heads: Heads | undefined;
}

export async function prefetch(ports: Ports, agentId: string, taskId: string, limit: number): Promise<Prefetched> {
  const known = ports.agents.recentlyWritten(agentId);
  const [[agent], heads] = await Promise.all([
    known && Object.hasOwn(known.inbox, taskId) ? [known] : ports.agents.getMany([agentId]),
    likelyHeads(ports, agentId, limit),
  ]);
  return { agent, heads };
}

/**
 * Claims for an agent that completes a task and wants more. It may get dependents that the completion makes ready, at
 * once, unless it can do something more urgent; the other dependents are released.
 * @param instance the process that completed the task
 * @returns what the agent got, and the changed dependents that it did not get
 */
export async function claimNext(
  ports: Ports,
  task: CompletedTask,
  instance: string | undefined,
  wanted: Claim,
  { agent, heads }: Prefetched,
  dependents: readonly Dependent[],
): Promise<{ claimed: ClaimedTask[]; updated: TaskRecord[] }> {
  const isAsRead =
    agent?.state === 'active' && agent.inbox[task.id] === task.offer && isCurrent(agent, instance) ? agent : undefined;
  const profile = isAsRead && (await ports.agents.profiles([isAsRead])).get(isAsRead.id);
  const released = profile ? await suitable(ports, dependents, profile, wanted) : [];
  const isOffered = new Set(released.map(({ id }) => id));
  const others = dependents.filter(({ edge }) => !isOffered.has(edge.childId));
  const [claimed, updated] = await Promise.all([
    isAsRead ? claimAndFree(isAsRead) : freeThenClaim(),
    updateDependents(ports, task.id, others),
  ]);
  const isTaken = new Set(claimed.map(({ task_id }) => task_id));
  const left = dependents.filter(({ edge }) => isOffered.has(edge.childId) && !isTaken.has(edge.childId));
  const changed = [...updated, ...(await updateDependents(ports, task.id, left))];
  return { claimed, updated: changed.filter(({ id }) => !isTaken.has(id)) };

  async function claimAndFree(agent: AgentRecord): Promise<ClaimedTask[]> {
    const freed = await freedSlot(ports, task, task.offer);
    return (await claim(ports, agent, wanted, heads, { task, freed, released })).tasks;
  }

  async function freeThenClaim(): Promise<ClaimedTask[]> {
    const now = await freeSlot(ports, task, task, ports.clock.now());
    return now && isCurrent(now, instance) ? (await claim(ports, now, wanted, heads)).tasks : [];
  }
}

/**
 * The dependents that the completion makes ready and the agent can do: the most urgent ones, up to the number it wants.
 */
async function suitable(
  { lanes, clock, settings }: Ports,
  dependents: readonly Dependent[],
  { capabilities }: AgentProfile,
  { limit, task_types: types }: Claim,
): Promise<ReadyTask[]> {
  const now = clock.now();
  const ready = dependents
    .filter(isLast)
    .filter(({ edge: { notBefore = 0 } }) => notBefore <= now)
    .filter(({ child }) => !types || (child !== undefined && types.includes(child.type)))
    .map(({ edge }) => edge);
  const requirements = await lanes.requirements(ready.map(({ lane }) => lane));
  const tasks = ready
    .filter(({ lane }) => isCapable(capabilities, requirements.get(lane) ?? []))
    .map((edge): ReadyTask => {
      const { childId: id, priority, timeoutMs, payloadKb } = edge;
      const order = releasedOrder(priority, now, settings.allowanceMs);
      return { id, order, position: '', timeoutMs, edge, ...(payloadKb !== undefined && { payloadKb }) };
    });
  return inLaneOrder(tasks).slice(0, limit);
}
