/** What must hold after every write, by DESIGN section 6, checked on the items before and after it. */
import type { ItemChange } from '../dynamodb/table.ts';
import type { History } from './history.ts';
import {
  agentIn,
  failsDependents,
  graphIn,
  hasEnded,
  isHeld,
  madeAt,
  policyFor,
  taskIn,
  type AgentView,
  type GraphView,
  type TaskView,
} from './reader.ts';

/** The context of a check. */
export interface WriteContext {
  history: History;
  at: number;
  /** The maximum difference between two clocks. */
  skewMs: number;
  /** The dependencies of a task, wherever they are stored. */
  dependenciesOf: (task: TaskView) => string[];
  /** The ids of a graph's tasks; undefined if they cannot be read. */
  membersOf: (graph: GraphView) => string[] | undefined;
  /** Whether claims and sweeps read a lane, by its index partition. */
  isActiveLane: (place: string) => boolean;
}

export type Report = (invariant: string, detail: string) => void;

/** Called before the change is recorded in the history. */
export function checkWrite(change: ItemChange, context: WriteContext, report: Report): void {
  const [before, after] = [taskIn(change.before), taskIn(change.after)];
  if (after) checkTask(before, after, context, report);
  else if (before && change.after) report('a task is never lost', `${before.id} has lost its status`);
  else if (before && (before.ttl ?? Infinity) * 1000 > context.at)
    report('a task is never lost', `${before.id} was deleted`);
  const [was, agent] = [agentIn(change.before), agentIn(change.after)];
  if (agent) checkAgent(was, agent, context, report);
  const [open, graph] = [graphIn(change.before), graphIn(change.after)];
  if (graph && !open && !context.membersOf(graph)) report('a graph is committed after its tasks', graph.id);
  if (open?.decision && graph && !graph.decision) checkDecision(graph, context, report);
}

/** When a graph decision has been carried out, every task follows it or was changed individually since. */
function checkDecision(graph: GraphView, { history, membersOf }: WriteContext, report: Report): void {
  const decision = history.decisions.get(graph.id);
  if (!decision) return;
  const isReopened = (task: TaskView | undefined) => task !== undefined && !hasEnded(task);
  const isStopped = (task: TaskView | undefined) => task?.status === 'failed' || task?.status === 'cancelled';
  const isAgainst = decision.kind === 'cancel' ? isReopened : isStopped;
  const since = history.changes.slice(decision.after);
  for (const id of membersOf(graph) ?? []) {
    const task = history.task(id);
    if (!isAgainst(task)) continue;
    // A retried task may be cancelled again because of a dependency outside the graph.
    const hasTurned = since.some(
      ({ before, after }) =>
        after?.id === id && isAgainst(after) && (!isAgainst(before) || before?.endedAt !== after.endedAt),
    );
    if (!hasTurned)
      report('all tasks of a graph follow', `${id} of ${graph.id} is ${task?.status} after its ${decision.kind}`);
  }
}

const open = ['waiting', 'pending', 'blocked', 'cancelled'];
const next: Record<string, string[]> = {
  '': open,
  waiting: ['pending', 'assigned', 'running', 'blocked', 'cancelled'],
  pending: ['assigned', 'running', 'cancelled'],
  assigned: ['running', 'pending', 'failed', 'cancelled', 'assigned'],
  running: ['completed', 'failed', 'pending', 'cancelled'],
  completed: [],
  failed: open,
  blocked: ['waiting', 'pending', 'assigned', 'running', 'cancelled'],
  cancelled: open,
};

function checkTask(before: TaskView | undefined, after: TaskView, context: WriteContext, report: Report): void {
  const { id, status } = after;
  const was = before?.status ?? '';
  const told = `${id}: ${was} -> ${status}, attempt ${before?.attempt ?? 0} -> ${after.attempt}`;
  if (was !== status && !next[was]?.includes(status)) report('states change as documented', told);
  const isNewHold = isHeld(after) && after.offer !== before?.offer;
  const attempt = after.attempt - (before?.attempt ?? 0);
  const isSameHold = isHeld(before) && isHeld(after) && before?.offer === after.offer;
  const isTakenOver = attempt === 1 && isSameHold && after.instance !== before?.instance;
  if (attempt === 0 && isSameHold && before?.instance !== undefined && after.instance !== before.instance)
    report('an attempt belongs to one process', `${told}, ${before.instance} -> ${after.instance}`);
  if (attempt < 0 || attempt > 1 || (attempt === 1) !== (isNewHold || isTakenOver))
    report('an attempt is one hold', told);
  if (isNewHold) checkHold(before, after, context, report);
  if (!placesOf(after).some((place) => after.place?.startsWith(place))) {
    report('a task can be found', `${told}, in the place ${after.place}`);
  }
  const isInLane = after.place?.startsWith('R#') || after.place?.startsWith('M#');
  if (isInLane && after.place !== before?.place && !context.isActiveLane(after.place ?? '')) {
    report('a task enters active lanes only', `${told}, in ${after.place}`);
  }
  checkLease(before, after, context, report);
  const isReleased = status === 'pending' ? !isHeld(before) : isHeld(after) && waits(before);
  if (isReleased && was !== status && after.need > 0) checkRelease(after, context, report);
  if (before && was !== status) checkDependencyFailure(before, after, report);
  checkFailures(after, report);
  if (after.log.some((entry, n) => entry.at < (after.log[n - 1]?.at ?? 0))) {
    report('history is in order', `${told}: ${after.log.map(({ at }) => at).join(', ')}`);
  }
}

/** A failed dependency affects a waiting task as its policy says, in the same write. */
function checkDependencyFailure(before: TaskView, after: TaskView, report: Report): void {
  const isByDependency = after.log.at(-1)?.cause === 'dependency_failed' && !hasEnded(before);
  if (!isByDependency || (after.status !== 'blocked' && after.status !== 'cancelled')) return;
  const policies = [...before.failed].map((ordinal) => policyFor(after, ordinal));
  const isMeant = after.status === 'cancelled' ? policies.includes('cancel') : policies.length > 0;
  if (!isMeant)
    report('a failure does what the policy says', `${after.id} is ${after.status} by ${policies.join(', ')}`);
}

/** Failed runs are bounded: a task that is retried has failed less often than its maximum. */
function checkFailures(task: TaskView, report: Report): void {
  if (hasEnded(task)) return;
  const since = task.log.findLastIndex(({ cause }) => cause === 'retried');
  const failures = task.log
    .slice(since + 1)
    .filter(({ cause }) => ['failed', 'timed_out', 'agent_lost'].includes(cause));
  if (failures.length >= task.maxAttempts) {
    report('failures are bounded', `${task.id} has failed ${failures.length} of ${task.maxAttempts} times and goes on`);
  }
}

/** The index partitions in which a task in this state may be. */
function placesOf({ status, dueAt }: TaskView): string[] {
  if (isHeldStatus(status)) return ['T#'];
  if (status === 'pending') return dueAt === undefined ? ['R#', 'M#'] : ['T#', 'R#', 'M#'];
  return status === 'waiting' || status === 'blocked' ? ['B#'] : [`D#${status}`];
}

const waits = (task: TaskView | undefined) => task?.status === 'waiting' || task?.status === 'blocked';

const isHeldStatus = (status: string) => status === 'assigned' || status === 'running';

/** From this age on, an offer may have been withdrawn; a process that takes a task with it requeues the task. */
const abandonedMs = 60_000;

function checkHold(before: TaskView | undefined, task: TaskView, context: WriteContext, report: Report): void {
  const { history, at, skewMs } = context;
  // A manual assignment ignores the delay after a failure.
  const from = task.assignedBy === 'manual' || waits(before) ? task.notBefore : before?.dueAt;
  if ((from ?? 0) > at + skewMs)
    report('no task starts before its time', `${task.id}, ${(from ?? 0) - at} ms too early`);
  const { agent: agentId = '', offer = '' } = task;
  const agent = history.agents.get(agentId);
  if (!agent || at - madeAt(offer) > abandonedMs - 1000) return;
  if (agent.inbox[task.id] !== offer) {
    report(
      'a held task is in the inbox of its holder',
      `${task.id} is taken for ${agentId}, whose inbox has ${agent.inbox[task.id]}`,
    );
  }
  const held = history.heldBy(agentId).filter(({ id }) => id !== task.id).length + 1;
  const maximum = history.maximumOf(agentId);
  if (held > maximum) report('no agent is over its maximum', `${agentId} holds ${held} of ${maximum}, with ${task.id}`);
}

/** The sweep takes a task away only this long after its lease expired. */
const graceMs = 30_000;

function checkLease(before: TaskView | undefined, after: TaskView, { at, skewMs }: WriteContext, report: Report): void {
  if (!before || !isHeld(before)) return;
  const cause = after.log.find((entry) => entry.offer === before.offer)?.cause ?? '';
  if (isHeld(after) || !['agent_lost', 'timed_out', 'not_started'].includes(cause)) return;
  const left = (before.leaseUntil ?? 0) + graceMs - at;
  if (left > skewMs) report('a live lease is never taken', `${after.id}: ${cause}, ${left} ms too early`);
}

function checkRelease(task: TaskView, { history, dependenciesOf }: WriteContext, report: Report): void {
  for (const [ordinal, id] of dependenciesOf(task).entries()) {
    const versions = history.tasks.get(id) ?? [];
    const isCompleted = versions.some(({ status }) => status === 'completed');
    const isTolerated = policyFor(task, ordinal) === 'run_anyway';
    const hasFailed = isTolerated && versions.some((one) => hasEnded(one) || failsDependents(one));
    if (!isCompleted && !hasFailed) {
      const told = `${task.id} is ${task.status}, ${id} is ${versions.at(-1)?.status}`;
      report('a dependent starts after its dependencies', told);
    }
  }
}

function checkAgent(before: AgentView | undefined, after: AgentView, context: WriteContext, report: Report): void {
  const { id, inbox, maximum } = after;
  const was = before?.inbox ?? {};
  const added = Object.keys(inbox).filter((task) => was[task] === undefined);
  const size = Object.keys(inbox).length;
  if (added.length > 0 && before && before.state !== 'active') {
    report('a draining agent gets nothing new', `${id} is ${before.state} and gets ${added.join(', ')}`);
  }
  if (added.length > 0 && size > maximum)
    report('no agent is over its maximum', `the inbox of ${id} has ${size} of ${maximum}`);
  for (const [task, offer] of Object.entries(inbox)) {
    if (was[task] !== undefined && was[task] !== offer)
      report('an offer is never overwritten', `${task} in the inbox of ${id}`);
  }
  checkOutcomes(before, after, context, report);
}

/** An outcome is counted once, in the write that frees the slot; any other count belongs to a separate report. */
function checkOutcomes(
  before: AgentView | undefined,
  after: AgentView,
  { history, at, skewMs }: WriteContext,
  report: Report,
): void {
  const completed = after.completed - (before?.completed ?? 0);
  const failed = after.failed - (before?.failed ?? 0);
  const counted = completed > 0 ? 'completed' : failed > 0 ? 'failed' : 'none';
  const told = `${after.id}: completed ${completed >= 0 ? '+' : ''}${completed}, failed ${failed >= 0 ? '+' : ''}${failed}`;
  if (completed + failed > 1 || completed < 0 || failed < 0) report('an outcome counts once', told);
  const spentMs = after.durationMs - (before?.durationMs ?? 0);
  if (spentMs < 0) report('durations are not negative', `${told}, in ${spentMs} ms`);
  const freed = Object.entries(before?.inbox ?? {}).filter(([task]) => after.inbox[task] === undefined);
  for (const [task, offer] of freed) {
    const hold = history.holds.get(offer);
    if (!hold) continue;
    if (!hold.outcome && at - madeAt(offer) < abandonedMs) {
      report(
        'a held task is in the inbox of its holder',
        `${task} was taken out of the inbox of ${after.id}, which still has it`,
      );
    }
    if (counted !== 'none') hold.counted += 1;
    if (hold.counted > 1) report('an outcome counts once', `${told}, for ${task} again`);
    if (hold.outcome && hold.outcome !== counted) {
      report('an outcome counts once', `${told}, but ${task} was ${hold.outcome}`);
    }
  }
  if (counted === 'none' || freed.length > 0) return;
  const [record] = [...after.records].filter((token) => !before?.records.has(token));
  if (record === undefined || !history.isNewRecord(record, at, { ...after, seenAt: after.seenAt + skewMs })) {
    report('an outcome counts once', `${told}, for nothing that has ended (report ${record})`);
  }
}
