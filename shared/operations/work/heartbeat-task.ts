import * as contract from '../../contract/work.ts';
import { renew } from '../../domain/holding.ts';
import { isRunning } from '../../domain/task.ts';
import { implement } from '../implement.ts';
import { refreshAgent } from '../../steps/last-seen.ts';
import { requireInstance } from '../../steps/current-instance.ts';
import { claimantOf, heldTask, untilDecided } from '../../steps/task-report.ts';

export const heartbeatTask = implement(contract.heartbeatTask, async (ports, input, caller) => {
  const { task_id: id } = input;
  const claimant = claimantOf(caller, input);
  const { agentId, instance } = claimant;
  const agent =
    agentId !== undefined && instance !== undefined ? await requireInstance(ports, agentId, instance) : undefined;
  const progress = input.progress && {
    ...(input.progress.percent !== undefined && { percent: input.progress.percent }),
    ...(input.progress.message !== undefined && { message: input.progress.message }),
  };
  const task = await untilDecided(ports, id, async (read) => {
    const running = heldTask(read, id, claimant, ['running']);
    const renewed = await ports.tasks.apply(id, renew(running, progress, ports.clock.now(), ports.settings));
    return renewed.applied && isRunning(renewed.task) ? renewed.task : undefined;
  });
  await refreshAgent(ports, agent ?? task.agentId);
  return { task_id: id, attempt: task.attempt, lease_expires_at: new Date(task.leaseUntil).toISOString() };
});
