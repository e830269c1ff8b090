import { callsAtOnce, inBatches } from '../../batches.ts';
import * as contract from '../../contract/agents.ts';
import { Refusal } from '../../contract/problem.ts';
import type { AgentRecord } from '../../domain/agent.ts';
import { renew } from '../../domain/holding.ts';
import { requireCurrent } from '../../domain/instance.ts';
import { isHeld, isRunning } from '../../domain/task.ts';
import type { Ports } from '../../ports.ts';
import { implement } from '../implement.ts';
import { actingAgent } from '../../domain/caller.ts';
import { refreshAgent } from '../../steps/last-seen.ts';
import { heldTask, untilDecided, type Claimant } from '../../steps/task-report.ts';

interface Named {
  task_id: string;
  attempt: number;
}

export const heartbeatAgent = implement(contract.heartbeatAgent, async (ports, input, caller) => {
  const id = actingAgent(caller, input.agent_id) ?? input.agent_id;
  const agent = await ports.agents.get(id);
  if (!agent) throw new Refusal('agent_not_found', `Agent ${id} not found.`);
  if (input.instance !== undefined) requireCurrent(agent, input.instance);
  const [renewed, unnamed] = await Promise.all([
    inBatches(input.holding, callsAtOnce, (named) =>
      renewOrLose(ports, { agentId: id, instance: input.instance }, named),
    ),
    unnamedTasks(ports, agent, input.holding),
    refreshAgent(ports, agent),
  ]);
  return {
    agent_id: id,
    leases: renewed.flatMap(({ lease }) => (lease ? [lease] : [])),
    lost: renewed.flatMap(({ lost }) => (lost ? [lost] : [])),
    unnamed,
  };
});

interface Renewal {
  lease?: Named & { lease_expires_at: string };
  lost?: Named & { code: string; detail: string };
}

async function renewOrLose(
  ports: Ports,
  holder: Pick<Claimant, 'agentId' | 'instance'>,
  { task_id, attempt }: Named,
): Promise<Renewal> {
  try {
    const task = await untilDecided(ports, task_id, async (read) => {
      const held = heldTask(read, task_id, { ...holder, attempt }, ['assigned', 'running']);
      if (!isRunning(held)) return held;
      const renewed = await ports.tasks.apply(task_id, renew(held, undefined, ports.clock.now(), ports.settings));
      return renewed.applied && isRunning(renewed.task) ? renewed.task : undefined;
    });
    return { lease: { task_id, attempt, lease_expires_at: new Date(task.leaseUntil).toISOString() } };
  } catch (error) {
    if (!(error instanceof Refusal) || error.code === 'unavailable') throw error;
    return { lost: { task_id, attempt, code: error.code, detail: error.message } };
  }
}

/** The tasks in the agent's inbox that it did not name and is not known to be working on. */
async function unnamedTasks({ tasks }: Ports, agent: AgentRecord, holding: readonly Named[]): Promise<Named[]> {
  const named = new Set(holding.map(({ task_id }) => task_id));
  const ids = Object.keys(agent.inbox).filter((id) => !named.has(id));
  const found = ids.length === 0 ? [] : await tasks.getMany(ids, { consistent: true });
  return found
    .filter((task) => isHeld(task) && task.offer === agent.inbox[task.id] && !(isRunning(task) && task.isWorkedOn))
    .map((task) => ({ task_id: task.id, attempt: task.attempt }));
}
