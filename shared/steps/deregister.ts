import { callsAtOnce, inBatches } from '../batches.ts';
import { outcomeOf, type AgentRecord } from '../domain/agent.ts';
import { requeue } from '../domain/holding.ts';
import { mayBeRemoved } from '../domain/offer.ts';
import { isHeld, type TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { freeSlot } from './free-slot.ts';
import { untilDecided } from './task-report.ts';

export interface Deregistration {
  deregistered: boolean;
  /**
   * The agent still exists until open offers can no longer become holds. A repeat of the call, or the sweep, continues.
   */
  state?: 'leaving';
  /** The tasks that it held, now requeued. */
  requeued: string[];
}

/** How often to start over after interference, such as an offer taken in the meantime. */
const maxDeregisterRounds = 4;

/**
 * Removes an agent: it gets no more offers, its tasks are requeued, and then it is deleted, provided that it holds
 * nothing and has not registered again. If the process dies at any step, the agent is still leaving, and a repeat or
 * the sweep continues.
 * @param leaving the agent when it was marked, or found, as leaving
 */
export async function finishLeaving(ports: Ports, leaving: AgentRecord): Promise<Deregistration> {
  const requeued = new Set<string>();
  let agent: AgentRecord | undefined = leaving;
  for (let round = 0; round < maxDeregisterRounds && agent !== undefined; round += 1) {
    const { id, inbox, leavingSince }: AgentRecord = agent;
    if (leavingSince !== leaving.leavingSince) break;
    const entries = Object.entries(inbox);
    const ends = await inBatches(entries, callsAtOnce, ([taskId, token]) => endHold(ports, id, taskId, token));
    entries.forEach(([taskId], n) => {
      if (ends[n] === 'requeued') requeued.add(taskId);
    });
    if (ends.includes('offered')) break;
    if (await ports.agents.remove(agent)) return { deregistered: true, requeued: [...requeued] };
    agent = await ports.agents.get(id);
  }
  const left = agent && { deregistered: false, ...(agent.state === 'leaving' && { state: 'leaving' as const }) };
  return { ...(left ?? { deregistered: true }), requeued: [...requeued] };
}

/** Ends one hold or offer of a leaving agent. `offered`: it may still become a hold. */
function endHold(
  ports: Ports,
  agentId: string,
  taskId: string,
  token: string,
): Promise<'requeued' | 'ended' | 'offered'> {
  const { agents, tasks, clock, settings } = ports;
  return untilDecided(ports, taskId, async (task) => {
    if (task && isHeld(task) && task.offer === token) {
      const why = { cause: 'deregistered' } as const;
      const { applied, task: after } = await tasks.apply(taskId, requeue(task, why, clock.now(), settings));
      if (!applied) return undefined;
      await freeSlot(ports, after, { agentId, offer: token });
      return 'requeued';
    }
    if (task && outcomeOf(task, token)) {
      await freeSlot(ports, task, { agentId, offer: token });
      return wasRequeued(task, token) ? 'requeued' : 'ended';
    }
    if (!mayBeRemoved(token, clock.now())) return 'offered';
    await agents.freeSlot(agentId, { taskId, token, outcome: { kind: 'none' } });
    return 'ended';
  });
}

/** Requeued by an earlier try that died before it freed the slot. */
const wasRequeued = (task: TaskRecord, offer: string) =>
  task.log.some((entry) => entry.offer === offer && entry.cause === 'deregistered');
