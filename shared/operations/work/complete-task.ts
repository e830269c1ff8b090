import * as contract from '../../contract/work.ts';
import { isSameJson } from '../../domain/hash.ts';
import { complete, type Reporter } from '../../domain/holding.ts';
import type { CompletedTask, StoredReport } from '../../domain/task.ts';
import type { Ports } from '../../ports.ts';
import { announceReady } from '../../steps/announce-ready.ts';
import { claim } from '../../steps/claim-work.ts';
import { likelyHeads } from '../../steps/fill-slots.ts';
import { implement } from '../implement.ts';
import type { Caller } from '../../domain/caller.ts';
import { isCurrent } from '../../domain/instance.ts';
import { presentCompleted } from '../../wire/present-task.ts';
import { claimantOf, heldTask, reportRefusal, storeReport } from '../../steps/task-report.ts';
import { freeSlot } from '../../steps/free-slot.ts';
import { updateFewDependents } from '../../steps/update-dependents.ts';

export const completeTask = implement(contract.completeTask, async (ports, input, caller) => {
  const { task_id: id, result, metrics, claim_next: next, holding, task_types } = input;
  const reporter = await reporterOf(ports, input, caller);
  const stored = await storeReport(ports, id, {
    ...(result !== undefined && { result }),
    ...(metrics && { metrics }),
  });
  const task = await completeOnce(ports, id, reporter, stored);
  const [agent, heads, updated] = await Promise.all([
    freeSlot(ports, task, task, ports.clock.now()),
    next > 0 ? likelyHeads(ports, task.agentId, next) : undefined,
    updateFewDependents(ports, id),
  ]);
  const [presented, claimed] = await Promise.all([
    presentCompleted(ports, task),
    next > 0 && agent && isCurrent(agent, reporter.instance)
      ? claim(ports, agent, { limit: next, start: true, holding, task_types }, heads)
      : undefined,
  ]);
  const taken = new Set(claimed?.tasks.map(({ task_id }) => task_id));
  await announceReady(
    ports,
    updated.filter(({ id }) => !taken.has(id)),
  );
  return { ...presented, ...(next > 0 && { claimed: claimed?.tasks ?? [] }) };
});

/** An agent reports for itself, which needs no read; anyone else reports for the holder. */
async function reporterOf(
  { tasks }: Ports,
  input: {
    task_id: string;
    agent_id?: string | undefined;
    attempt?: number | undefined;
    instance?: string | undefined;
  },
  caller: Caller,
): Promise<Reporter> {
  const claimant = claimantOf(caller, input);
  const { agentId, attempt } = claimant;
  if (agentId !== undefined) return { ...claimant, agentId };
  const { task_id: id } = input;
  const task = await tasks.get(id);
  const held = task?.status === 'completed' ? task : heldTask(task, id, claimant, ['running']);
  return { agentId: held.agentId, attempt: attempt ?? held.attempt };
}

async function completeOnce(
  ports: Ports,
  id: string,
  reporter: Reporter,
  stored: StoredReport,
): Promise<CompletedTask> {
  const { applied, task } = await ports.tasks.apply(id, complete(reporter, stored, ports.clock.now()));
  if (task?.status === 'completed' && (applied || isSame(task, reporter, stored))) return task;
  throw (
    reportRefusal(task, id, reporter, ['running']) ?? new Error(`Task ${id} refused a completion without a reason.`)
  );
}

/** The same completion again, whose answer was lost. */
const isSame = (task: CompletedTask, reporter: Reporter, stored: StoredReport) =>
  task.agentId === reporter.agentId &&
  (reporter.attempt ?? task.attempt) === task.attempt &&
  task.reportRef === stored.reportRef &&
  isSameJson(task.report, stored.report);
