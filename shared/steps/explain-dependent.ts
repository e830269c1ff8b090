import type { Status } from '../contract/nouns.ts';
import { countsAs, dependencyStatus } from '../domain/dependencies.ts';
import { policyOf } from '../domain/dependency-policy.ts';
import { failsDependents, type DependentTask } from '../domain/task.ts';
import { firstOf } from '../domain/wording.ts';
import type { Ports } from '../ports.ts';

interface NamedDependency {
  task_id: string;
  /** Absent if it was deleted. */
  status?: Status;
}

interface ExplainedDependencies {
  state: 'waiting_on_dependencies' | 'blocked_by';
  dependencies: NamedDependency[];
  sentence: string;
}

/** Explains which dependencies keep a task waiting or blocked, by the same rules as the release of dependents. */
export async function explainDependent(
  { tasks }: Pick<Ports, 'tasks'>,
  task: DependentTask,
): Promise<ExplainedDependencies> {
  const ids = (await tasks.payloads([task])).get(task.id)?.dependencies ?? [];
  const all = ids.map((id, ordinal) => ({ id, ordinal, policy: policyOf(task, ordinal) }));
  const open = all.filter(({ ordinal }) => !task.done.includes(ordinal));
  const tolerated = all.filter(({ policy }) => policy === 'run_anyway');
  const found = await tasks.statuses([...new Set([...open, ...tolerated].map(({ id }) => id))]);
  const named = ({ id }: { id: string }): NamedDependency => {
    const status = found.get(id);
    return { task_id: id, ...(status && { status }) };
  };
  const grouped = Map.groupBy(open, ({ id, ordinal, policy }) =>
    countsAs(dependencyStatus(task, ordinal, found.get(id)), policy),
  );
  const ignored = ignoredFailures(tolerated.map(named));
  const failed = grouped.get('failed') ?? [];
  if (failed.length > 0) {
    const cancelling = failed.filter(({ policy }) => policy === 'cancel').map(named);
    const sentence = cancelling.length > 0 ? aboutToBeCancelled(cancelling) : blockedBy(task, failed.map(named));
    return { state: 'blocked_by', dependencies: failed.map(named), sentence: `${sentence}${ignored}` };
  }
  const dependencies = (grouped.get('open') ?? open).map(named);
  const sentence = grouped.has('open')
    ? `${waitingFor(task, dependencies)}${ignored}${adviceOn(dependencies)}`
    : 'All dependencies of the task are met: it will be ready within seconds.';
  return { state: 'waiting_on_dependencies', dependencies, sentence };
}

const listedWithStatus = (dependencies: readonly NamedDependency[]) =>
  firstOf(dependencies.map(({ task_id, status = 'deleted' }) => `${task_id} (${status})`));

const aboutToBeCancelled = (dependencies: readonly NamedDependency[]) =>
  `The task is about to be cancelled because of ${listedWithStatus(dependencies)}.`;

function blockedBy({ status }: DependentTask, dependencies: readonly NamedDependency[]): string {
  const is = status === 'blocked' ? 'is' : 'is about to be';
  return `The task ${is} blocked by ${listedWithStatus(dependencies)}: retry the failed dependency, or cancel the task.`;
}

function waitingFor({ status }: DependentTask, dependencies: readonly NamedDependency[]): string {
  const waits = status === 'blocked' ? 'being unblocked, and then waits' : 'waiting';
  return `The task is ${waits} for ${listedWithStatus(dependencies)}.`;
}

const adviceOn = (dependencies: readonly NamedDependency[]) =>
  dependencies.every(({ status }) => status !== undefined)
    ? ''
    : ' A deleted dependency can no longer be met: cancel the task, and create it without that dependency.';

/** The failed dependencies that the task runs without. */
function ignoredFailures(dependencies: readonly NamedDependency[]): string {
  const failed = dependencies.filter(({ status }) => status !== undefined && failsDependents(status));
  if (failed.length === 0) return '';
  return ` ${listedWithStatus(failed)} ${failed.length === 1 ? 'does' : 'do'} not matter here (run_anyway).`;
}
