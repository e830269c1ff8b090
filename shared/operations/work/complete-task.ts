import * as contract from '../../contract/work.ts';
import { isSameJson } from '../../domain/hash.ts';
import { complete, type Reporter } from '../../domain/holding.ts';
import type { CompletedTask, StoredReport } from '../../domain/task.ts';
import type { Ports } from '../../ports.ts';
import { announceReady } from '../../steps/announce-ready.ts';
import { assignReleased, forRouter, releasingOf } from '../../steps/assign-released.ts';
import { claimNext, prefetch } from '../../steps/claim-next.ts';
import { implement } from '../implement.ts';
import type { Caller } from '../../domain/caller.ts';
import { presentCompleted } from '../../wire/present-task.ts';
import { claimantOf, heldTask, reportRefusal, storeReport } from '../../steps/task-report.ts';
import { freeSlot } from '../../steps/free-slot.ts';
import { dependentsToUpdate, updateDependents, type Dependent } from '../../steps/update-dependents.ts';

export const completeTask = implement(contract.completeTask, async (ports, input, caller) => {
  const { task_id: id, result, metrics, claim_next: next, holding, task_types } = input;
  const reporter = await reporterOf(ports, input, caller);
  const report = { ...(result !== undefined && { result }), ...(metrics && { metrics }) };
  const stored = await storeReport(ports, id, report);
  const [task, dependents, prefetched] = await Promise.all([
    completeOnce(ports, id, reporter, stored),
    dependentsToUpdate(ports, id, task_types ? 'all' : 'where_it_helps'),
    next > 0 ? prefetch(ports, reporter.agentId, id, next) : undefined,
  ]);
  const wanted = { limit: next, start: true, holding, task_types };
  const { reportRef: _isKnown, ...ended } = task;
  const [presented, { claimed, updated }] = await Promise.all([
    presentCompleted(ports, task),
    prefetched
      ? claimNext(ports, { ...ended, report }, reporter.instance, wanted, prefetched, dependents)
      : followUp(ports, task, dependents),
  ]);
  await announceReady(ports, updated);
  return { ...presented, ...(claimed && { claimed }) };
});

/** What follows a completion if the agent does not claim more. */
async function followUp(ports: Ports, task: CompletedTask, dependents: readonly Dependent[]) {
  const pushed = forRouter(ports, dependents);
  const others = dependents.filter((dependent) => !pushed.includes(dependent));
  const [freed, releasing, updated] = await Promise.all([
    freeSlot(ports, task, task, ports.clock.now()),
    releasingOf(ports, pushed, task),
    updateDependents(ports, task.id, others),
  ]);
  const assigned = releasing ? await assignReleased(ports, releasing, freed) : new Set();
  const left = pushed.filter(({ edge }) => !assigned.has(edge.childId));
  return { updated: [...updated, ...(await updateDependents(ports, task.id, left))], claimed: undefined };
}

/** An agent reports for itself, which needs no read; other callers report for the holder. */
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

/** A repeat of the same completion, whose response was lost. */
const isSame = (task: CompletedTask, reporter: Reporter, stored: StoredReport) =>
  task.agentId === reporter.agentId &&
  (reporter.attempt ?? task.attempt) === task.attempt &&
  task.reportRef === stored.reportRef &&
  isSameJson(task.report, stored.report);
