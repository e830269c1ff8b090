import { paced } from '../batches.ts';
import type { Status } from '../contract/nouns.ts';
import { Refusal } from '../contract/problem.ts';
import { dependencyStatus } from '../domain/dependencies.ts';
import { order } from '../domain/graph.ts';
import { afterRetry, isRetryable, mustApply, type GraphDecision, type GraphMember } from '../domain/graph-decision.ts';
import { failsDependents, type TaskRecord } from '../domain/task.ts';
import type { GraphRecord, Ports, WriteOutcome } from '../ports.ts';
import { withNewDecision, cancelAsRead, retryAsRead } from './cancel-or-retry.ts';
import { rollForward } from './roll-forward.ts';
import { maxTries } from './task-report.ts';

/** How many tasks are changed concurrently. */
const changesAtOnce = 25;

/** The progress of a decision. */
export interface DecisionProgress {
  /** Tasks that it has changed, by any process. */
  changed: number;
  /** Tasks that it may still change. */
  remaining: number;
}

/**
 * Carries out a graph decision: in the request that made it or, if that dies, in the sweep or in the request that makes
 * the next decision. Idempotent, also when run concurrently or after later decisions.
 * @param hasTime returns false when it should stop soon; the sweep continues
 */
export async function carryOut(
  ports: Ports,
  graph: GraphRecord & { decision: GraphDecision },
  hasTime: () => boolean,
): Promise<DecisionProgress> {
  const { decision } = graph;
  // A task written after all others have followed the decision would not follow it.
  if (!(await rollForward(ports, graph, { hasTime }))) return { changed: 0, remaining: graph.tasks.length };
  const members = await membersOf(ports, graph);
  const change = decision.kind === 'cancel' ? cancelling(ports, decision) : await retrying(ports, decision, members);

  const open = members.filter(({ task }) => mustApply(task, decision));
  // Dependents are cancelled before their dependencies, so that the end of a dependency does not release them.
  if (decision.kind === 'cancel') open.reverse();
  const done = new Map<string, TaskRecord>();
  const isDone = await paced(
    [open],
    { atOnce: changesAtOnce, isBusy: ports.isUnavailable, hasTime },
    async ({ task, dependencies }) => {
      const after = await applyDecision(task, decision, (read) => change(read, dependencies));
      done.set(task.id, after ?? task);
    },
  );
  if (isDone) await ports.graphs.endDecision(graph.id, decision.number);
  const changed = members.filter(({ task }) => hasApplied(done.get(task.id) ?? task, decision));
  return { changed: changed.length, remaining: open.length - done.size };
}

/** The existing tasks of a graph, in topological order. */
async function membersOf({ tasks }: Ports, graph: GraphRecord): Promise<GraphMember[]> {
  const dependenciesOf = new Map(graph.tasks.map(({ record, dependencies }) => [record.id, dependencies]));
  const nodes = graph.tasks.map(({ record, dependencies }) => ({
    key: record.id,
    dependencies: dependencies.filter((id) => dependenciesOf.has(id)),
  }));
  const sorted = order(nodes);
  const found = await tasks.getMany('order' in sorted ? sorted.order : [], { consistent: true });
  return found.map((task) => ({ task, dependencies: dependenciesOf.get(task.id) ?? [] }));
}

const hasApplied = ({ decision = 0 }: TaskRecord, { since, number }: GraphDecision) =>
  since <= decision && decision <= number;

type TryChange = (read: TaskRecord, dependencies: readonly string[]) => Promise<WriteOutcome>;

/**
 * Tries to change a task until it succeeds or is no longer needed.
 * @returns the task afterwards, if it exists
 */
async function applyDecision(
  read: TaskRecord,
  decision: GraphDecision,
  tryChange: (read: TaskRecord) => Promise<WriteOutcome>,
): Promise<TaskRecord | undefined> {
  let task: TaskRecord | undefined = read;
  for (let n = 0; n < maxTries; n += 1) {
    if (!task || !mustApply(task, decision)) return task;
    const outcome: WriteOutcome = await tryChange(task);
    if (outcome.applied) return outcome.task;
    task = outcome.task;
  }
  throw new Refusal('unavailable', `Too much contention on task ${read.id}; try again.`, { retryAfterSeconds: 1 });
}

const cancelling =
  (ports: Ports, { number, reason }: GraphDecision): TryChange =>
  (read) =>
    cancelAsRead(ports, read, reason, withNewDecision(number));

/**
 * All tasks are read before the states of their dependencies: any later change of a dependency reaches its dependents
 * anyway.
 */
async function retrying(ports: Ports, decision: GraphDecision, members: readonly GraphMember[]): Promise<TryChange> {
  const { tasks, clock, settings } = ports;
  const open = members.filter(({ task }) => mustApply(task, decision));
  const statuses = await tasks.statuses([...new Set(open.flatMap(({ dependencies }) => dependencies))]);
  const isRetried = (task: TaskRecord) => mustApply(task, decision);
  const planned = afterRetry(members, statuses, isRetried, clock.now(), settings);
  const first = new Map(members.map(({ task }) => [task.id, task]));
  return async (read, dependencies) => {
    if (!isRetryable(read)) return { applied: false, task: read };
    const found = first.get(read.id) === read ? statuses : await tasks.statuses(dependencies);
    const states = dependencies.map((id, ordinal) =>
      dependencyStatus(read, ordinal, isAsPlanned(found.get(id), planned.get(id)) ? 'waiting' : found.get(id)),
    );
    return retryAsRead(ports, read, states, withNewDecision(decision.number));
  };
}

/** Whether a dependency still fails its dependents, but will not once the decision has been carried out. */
const isAsPlanned = (found: Status | undefined, planned: Status | undefined) =>
  found !== undefined && failsDependents(found) && planned !== undefined && !failsDependents(planned);
