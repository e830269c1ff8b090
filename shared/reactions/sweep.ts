import { fail, requeue, isLastFailure } from '../domain/holding.ts';
import { cancel, enterLane, isTooOld, checkAgainAt } from '../domain/lifecycle.ts';
import { pendingEntry } from '../domain/index-entries.ts';
import { times } from '../domain/settings.ts';
import {
  isDependent,
  isEnded,
  isHeld,
  isRunning,
  type HeldTask,
  type PendingTask,
  type TaskRecord,
} from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { carryOut } from '../steps/carry-out-decision.ts';
import { checkDependencies } from '../steps/check-dependencies.ts';
import { correctCounts } from './correct-counts.ts';
import { reviewAgents } from './review-agents.ts';
import { reviewActiveLanes, reviewInactiveLanes } from './review-lanes.ts';
import { storeReport } from '../steps/task-report.ts';
import { rollForward } from '../steps/roll-forward.ts';
import { freeSlot } from '../steps/free-slot.ts';

/** How many tasks are read at a time. */
const sweepPageSize = 100;

/** The parts of a sweep that failed; the others continue. */
export type Failures = { part: string; error: unknown }[];

/**
 * Finds tasks that are due or were left behind by a lost message, by index, and repairs them. It decides by a
 * consistent read of the task and its exact lease, so it can neither overtake a heartbeat in flight nor act twice.
 * @param hasTime returns false when it should stop soon; the next sweep continues
 */
export async function sweep(ports: Ports, hasTime: () => boolean): Promise<Failures> {
  const failures: Failures = [];
  const part = async (name: string, run: () => Promise<unknown>) => {
    try {
      await run();
    } catch (error) {
      failures.push({ part: name, error });
    }
  };
  const each = (kind: 'timers' | 'checks', check: (task: TaskRecord) => Promise<void>) =>
    eachDue(ports, kind, hasTime, (task) => part(`${kind}: task ${task.id}`, () => check(task)));

  const endIfTooOld = async (task: TaskRecord) => {
    const isOld = isOverdue(task, ports.clock.now());
    if (isOld) await end(ports, task);
    return isOld;
  };

  await part('data format', () => ports.dataFormat.record());
  await part('timers', () => each('timers', (task) => checkTimer(ports, task)));
  await part('checks', () => each('checks', (task) => checkDependent(ports, task)));
  let resent = 0;
  await part('lanes', async () => {
    resent = await reviewActiveLanes(ports, { hasTime, part, endIfTooOld });
  });
  await part('dormant lanes', () => reviewInactiveLanes(ports, { hasTime, part, endIfTooOld }));
  await part('agents', () => ports.agents.review(ports.clock.now()));
  await part('agents in turn', () => reviewAgents(ports, part));
  await part('statistics', () => ports.statistics.prune(ports.clock.now()));
  await part('recount', () => correctCounts(ports, hasTime, resent));
  // Last, because a graph in a hot partition uses up all the remaining time.
  await part('graphs', () => eachUnfinishedGraph(ports, hasTime, (id, check) => part(`graph ${id}`, check)));
  return failures;
}

async function eachDue(
  { listings, tasks, clock }: Ports,
  kind: 'timers' | 'checks',
  hasTime: () => boolean,
  check: (task: TaskRecord) => Promise<void>,
): Promise<void> {
  const now = clock.now();
  let after: string | undefined;
  while (hasTime()) {
    const due = await listings.due(kind, now, sweepPageSize, after);
    await Promise.all(
      (
        await tasks.getMany(
          due.map(({ id }) => id),
          { consistent: true },
        )
      ).map(check),
    );
    after = due.at(-1)?.position;
    if (due.length < sweepPageSize) return;
  }
}

async function checkTimer(ports: Ports, task: TaskRecord): Promise<void> {
  const { tasks, clock, settings } = ports;
  const now = clock.now();
  if (isOverdue(task, now)) return end(ports, task);
  if (isHeld(task)) {
    if (task.leaseUntil > now) await tasks.apply(task.id, checkAgainAt(task, task.leaseUntil));
    else if (task.leaseUntil + times.leaseGraceMs <= now) await expire(ports, task);
  } else if (task.status === 'pending' && task.dueAt !== undefined) {
    if (task.dueAt > now) await wakeUpWhenDue(ports, task, task.dueAt);
    else await tasks.apply(task.id, enterLane(task, pendingEntry(task, task.readyAt, now, settings)));
  }
}

/** Almost due: a wake-up arrives when the delay ends. If it gets lost, the sweep finds the task at that time. */
async function wakeUpWhenDue({ tasks, wakeUps, clock }: Ports, task: PendingTask, dueAt: number): Promise<void> {
  const delayMs = Math.min(dueAt - clock.now(), times.maxWakeUpDelayMs);
  await wakeUps.send([{ wakeUp: { task_id: task.id }, delayMs }]);
  await tasks.apply(task.id, checkAgainAt(task, dueAt));
}

/** The lease has expired: the agent did not start, is lost, or exceeded the task's timeout. */
async function expire(ports: Ports, task: HeldTask): Promise<void> {
  const { tasks, agents, clock, random, settings } = ports;
  const now = clock.now();
  if (!isRunning(task)) {
    const returned = await tasks.apply(task.id, requeue(task, { cause: 'not_started' }, now, settings));
    if (!returned.applied) return;
    await freeSlot(ports, returned.task, task);
    await agents.markUnseen(task.agentId, now - settings.staleAfterMs - 1, now);
    return;
  }
  const isTimeout = task.leaseUntil >= task.startedAt + task.timeoutMs;
  const reason = isTimeout
    ? `exceeded timeout_seconds (${task.timeoutMs / 1000})`
    : `missed its heartbeat; the lease expired at ${new Date(task.leaseUntil).toISOString()}`;
  const cause = isTimeout ? ('timed_out' as const) : ('agent_lost' as const);
  const report = isLastFailure(task, true) ? await storeReport(ports, task.id, { error: `${cause}: ${reason}` }) : {};
  const failure = { cause, reason, shouldRetry: true, report, fraction: random.fraction() };
  const failed = await tasks.apply(task.id, fail(task, failure, now, settings));
  if (failed.applied) await freeSlot(ports, failed.task, task);
}

async function checkDependent(ports: Ports, task: TaskRecord): Promise<void> {
  if (!isDependent(task)) return;
  if (isOverdue(task, ports.clock.now())) await end(ports, task);
  else await checkDependencies(ports, task);
}

/**
 * Graphs whose request died before all tasks were written, or before all followed a decision. Begins at a random one,
 * so that no graph holds up the others.
 */
async function eachUnfinishedGraph(
  ports: Ports,
  hasTime: () => boolean,
  part: (id: string, check: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const { graphs, clock, random } = ports;
  const before = clock.now() - times.graphWriteMs;
  const unfinished = await graphs.unfinished(before, sweepPageSize);
  const start = Math.floor(random.fraction() * unfinished.length);
  for (const id of [...unfinished.slice(start), ...unfinished.slice(0, start)]) {
    if (!hasTime()) return;
    const until = clock.now() + times.graphWritesMs;
    const hasTimeForIt = () => hasTime() && clock.now() < until;
    await part(id, async () => {
      const graph = await graphs.get(id);
      if (!graph) return;
      const { decision } = graph;
      if (decision && decision.at < before) await carryOut(ports, { ...graph, decision }, hasTimeForIt);
      else await rollForward(ports, graph, { hasTime: hasTimeForIt });
    });
  }
}

const isOverdue = (task: TaskRecord, now: number) => !isEnded(task) && isTooOld(task, now);

async function end(ports: Ports, task: TaskRecord): Promise<void> {
  const reason = 'exceeded the maximum age of a task';
  const cancelled = await ports.tasks.apply(task.id, cancel(task, reason, ports.clock.now()));
  if (cancelled.applied && isHeld(task)) await freeSlot(ports, cancelled.task, task);
}
