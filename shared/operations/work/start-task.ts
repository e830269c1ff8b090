import * as contract from '../../contract/work.ts';
import { start } from '../../domain/holding.ts';
import type { AgentRecord } from '../../domain/agent.ts';
import { isRunning, type HeldTask } from '../../domain/task.ts';
import type { Ports } from '../../ports.ts';
import { implement } from '../implement.ts';
import { refreshAgent } from '../../steps/last-seen.ts';
import { presentTask } from '../../wire/present-task.ts';
import { requireInstance } from '../../steps/current-instance.ts';
import { claimantOf, heldTask, untilDecided, type Claimant } from '../../steps/task-report.ts';

export const startTask = implement(contract.startTask, async (ports, input, caller) => {
  const claimant = claimantOf(caller, input);
  const token = ports.random.nonce();
  let agent: AgentRecord | undefined;
  const task = await untilDecided(ports, input.task_id, async (read) => {
    // Already running: a repeat of the same start, whose response was lost.
    const held = heldTask(read, input.task_id, claimant, ['assigned', 'running']);
    if (isRunning(held)) return held;
    agent = await startingAgent(ports, held, claimant);
    const instance = claimant.agentId === undefined ? agent?.instance?.id : claimant.instance;
    const started = await ports.tasks.apply(
      held.id,
      start(held, { token, instance }, ports.clock.now(), ports.settings),
    );
    return started.applied && isRunning(started.task) ? started.task : undefined;
  });
  const [presented] = await Promise.all([presentTask(ports, task), refreshAgent(ports, agent ?? task.agentId)]);
  return presented;
});

/** The agent that starts the task, through its own process or through a caller acting for that process. */
async function startingAgent(
  ports: Ports,
  { agentId }: HeldTask,
  claimant: Claimant,
): Promise<AgentRecord | undefined> {
  if (claimant.agentId !== undefined) return requireInstance(ports, agentId, claimant.instance);
  const [agent] = await ports.agents.getMany([agentId]);
  return agent;
}
