import * as contract from '../../contract/work.ts';
import { start } from '../../domain/holding.ts';
import { isRunning } from '../../domain/task.ts';
import { implement } from '../implement.ts';
import { actingAgent } from '../../domain/caller.ts';
import { refreshAgent } from '../../steps/last-seen.ts';
import { presentTask } from '../../wire/present-task.ts';
import { heldTask, untilDecided } from '../../steps/task-report.ts';

export const startTask = implement(contract.startTask, async (ports, input, caller) => {
  const claimant = { agentId: actingAgent(caller, input.agent_id), attempt: input.attempt };
  const task = await untilDecided(ports, input.task_id, async (read) => {
    // Already running: the same start, whose answer was lost.
    const held = heldTask(read, input.task_id, claimant, ['assigned', 'running']);
    if (isRunning(held)) return held;
    const started = await ports.tasks.apply(held.id, start(held, ports.clock.now(), ports.settings));
    return started.applied && isRunning(started.task) ? started.task : undefined;
  });
  const [presented] = await Promise.all([presentTask(ports, task), refreshAgent(ports, task.agentId)]);
  return presented;
});
