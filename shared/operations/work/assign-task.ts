import * as contract from '../../contract/work.ts';
import { Refusal } from '../../contract/problem.ts';
import { isCapable, type AgentRecord } from '../../domain/agent.ts';
import { assign, requeue } from '../../domain/holding.ts';
import { isAbandoned, mayBeRemoved } from '../../domain/offer.ts';
import { stateInWords } from '../../domain/wording.ts';
import {
  isEnded,
  isHeld,
  type AssignedTask,
  type HeldTask,
  type PendingTask,
  type TaskRecord,
} from '../../domain/task.ts';
import type { Ports } from '../../ports.ts';
import { implement } from '../implement.ts';
import { presentTask } from '../../wire/present-task.ts';
import { untilDecided } from '../../steps/task-report.ts';
import { freeSlot } from '../../steps/free-slot.ts';
import { withdrawOffer } from '../../steps/withdraw-offer.ts';

export const assignTask = implement(contract.assignTask, async (ports, { task_id: id, agent_id: agentId, force }) => {
  const task = await untilDecided(ports, id, async (read) => {
    if (!read) throw new Refusal('task_not_found', `Task ${id} not found.`);
    if (isHeld(read) && read.agentId === agentId) return read;
    const open = requireAssignable(read, ports.clock.now());
    const agent = await ports.agents.get(agentId);
    if (!agent) throw new Refusal('agent_not_found', `Agent ${agentId} not found.`);
    if (!force) await requireCapable(ports, open, agent);
    return tryToAssign(ports, open, agent);
  });
  return presentTask(ports, task);
});

function requireAssignable(task: TaskRecord, now: number): PendingTask | AssignedTask {
  const { id, status } = task;
  if (isEnded(task)) throw new Refusal('already_ended', `Task ${id} has already ended (${status}).`);
  if (isHeld(task)) {
    if (task.status === 'assigned' && task.assignedBy === 'router') return task;
    throw new Refusal('already_held', `Task ${id} is ${status} and held by agent ${task.agentId}.`);
  }
  if (task.status !== 'pending') throw new Refusal('not_pending', `Task ${id} is ${status}.`);
  if (task.notBefore !== undefined && task.notBefore > now) {
    throw new Refusal('not_due', `Task ${id} is not ready until ${new Date(task.notBefore).toISOString()}.`);
  }
  return task;
}

async function requireCapable({ agents, lanes }: Ports, task: TaskRecord, agent: AgentRecord): Promise<void> {
  const [profiles, requirements] = await Promise.all([agents.profiles([agent]), lanes.requirements([task.lane])]);
  const capabilities = profiles.get(agent.id)?.capabilities ?? {};
  const needed = requirements.get(task.lane) ?? [];
  if (isCapable(capabilities, needed)) return;
  const missing = needed.filter((name) => !Object.hasOwn(capabilities, name));
  throw new Refusal('not_capable', `Agent ${agent.id} lacks ${missing.join(', ')}.`);
}

/** @returns undefined after losing a race */
async function tryToAssign(
  ports: Ports,
  task: PendingTask | AssignedTask,
  agent: AgentRecord,
): Promise<HeldTask | undefined> {
  const { tasks, agents, clock, settings } = ports;
  const offered = await agents.offer(agent, [task]);
  if (!offered.offered) {
    const now = offered.agent;
    if (!now) throw new Refusal('agent_not_found', `Agent ${agent.id} not found.`);
    if (now.state !== 'active')
      throw new Refusal('agent_draining', `Agent ${agent.id} takes no work: it ${stateInWords[now.state]}.`);
    const entry = now.inbox[task.id];
    if (entry !== undefined && isAbandoned(entry, clock.now())) {
      await freeSlot(ports, task, { agentId: agent.id, offer: entry });
      return undefined;
    }
    if (Object.keys(now.inbox).length < now.maximum) return undefined;
    throw new Refusal('agent_at_capacity', `Agent ${agent.id} already holds its maximum of ${now.maximum} tasks.`);
  }
  const token = offered.tokens[task.id] ?? '';
  const offer = { agentId: agent.id, token, by: 'manual' as const, start: false };
  const { task: after } = await tasks.apply(task.id, assign(task, offer, clock.now(), settings));
  if (!after || !isHeld(after) || after.offer !== token || mayBeRemoved(token, clock.now())) {
    // As in take-offers.ts: if this process was delayed, the slot may be in use again.
    if (after && isHeld(after) && after.offer === token) {
      await tasks.apply(task.id, requeue(after, { cause: 'offer_expired' }, clock.now(), settings));
    }
    await withdrawOffer(ports, agent.id, { taskId: task.id, token, task: after }, { asked: false });
    return undefined;
  }
  if (isHeld(task)) await freeSlot(ports, after, task);
  return after;
}
