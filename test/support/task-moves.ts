/** Every change of a task's index entry, and listings during which it happens. */
import { checkAgain, nextStep, releaseLast, releaseToHolder } from '#shared/domain/dependencies.ts';
import { assign, complete, fail, requeue, start, take, takeOver } from '#shared/domain/holding.ts';
import { checkEntry, pendingEntry } from '#shared/domain/index-entries.ts';
import { cancel, enterLane, checkAgainAt, retry } from '#shared/domain/lifecycle.ts';
import { defaultSettings as settings } from '#shared/domain/settings.ts';
import { isHeld, isIn, isPending, type TaskFields, type TaskRecord } from '#shared/domain/task.ts';
import type { IndexEntry, Transition } from '#shared/domain/transition.ts';
import { queryTasks } from '#shared/operations/tasks/query-tasks.ts';
import { MemoryDynamoDb } from './memory-dynamodb.ts';
import { edgeTo } from './task-life.ts';
import {
  aBlockedTask,
  aRecipient,
  anOffer,
  assignedTask,
  aTask,
  aWaitingTask,
  cancelledTask,
  completedTask,
  failedTask,
  hour,
  inState,
  minute,
  morning,
  runningTask,
  second,
} from './tasks.ts';
import { TestPorts } from './test-ports.ts';

/** Long after the tasks reached their lists, so that only moving tasks count as moved. */
export const later = morning + 3 * hour;

/** A task in each list, according to its index entry. */
export const kinds = {
  waiting: (id: string) => aWaitingTask(1, { id }),
  blocked: (id: string) => aBlockedTask(1, { id, failed: [0] }),
  delayed: (id: string) => aTask({ id, notBefore: later + minute, readyAt: later + minute, dueAt: later + minute }),
  due: (id: string) => aTask({ id, notBefore: later - second, readyAt: later - second, dueAt: later - second }),
  ready: (id: string) => aTask({ id }),
  assigned: (id: string) => assignedTask({ id }),
  'assigned with a short timeout': (id: string) => assignedTask({ id, timeoutMs: second }),
  running: (id: string) => runningTask({ id }),
  completed: (id: string) => completedTask({ id }),
  failed: (id: string) => failedTask({ id }),
  'failed with a dependency': (id: string) => failedTask({ id, need: 1, notBefore: later + hour }),
  cancelled: (id: string) => cancelledTask(aTask({ id })),
  'cancelled with a dependency': (id: string) => cancelledTask(aWaitingTask(1, { id })),
  'cancelled, by its policy': (id: string) => cancelledTask(aWaitingTask(1, { id, policy: 'cancel' })),
  'cancelled before its not_before': (id: string) => cancelledTask(aTask({ id, notBefore: later + hour })),
} satisfies Record<string, (id: string) => TaskRecord>;
export type Kind = keyof typeof kinds;

/** Its index entry. */
export function entryOf(task: TaskRecord): IndexEntry {
  const { leaseUntil, agentId }: TaskFields = task;
  if (isPending(task) && task.dueAt !== undefined) return { in: 'timers', at: task.dueAt };
  if (isPending(task)) return pendingEntry(task, task.readyAt, later, settings);
  if (leaseUntil !== undefined) return { in: 'timers', at: later + leaseUntil - morning };
  if (isIn(task, ['waiting', 'blocked'])) return checkEntry(later).indexEntry;
  const { status, endedAt } = inEnd(task);
  return { in: 'ended', status, at: endedAt, agentId };
}

function inEnd(task: TaskRecord) {
  if (isIn(task, ['completed', 'failed', 'cancelled'])) return task;
  throw new Error(`The task is ${task.status}.`);
}

const held = (task: TaskRecord) => {
  if (isHeld(task)) return task;
  throw new Error(`The task is ${task.status}.`);
};
const failing = (shouldRetry: boolean) => ({ cause: 'failed', shouldRetry, report: {}, fraction: 0.5 }) as const;
const offer = (start: boolean) => anOffer({ agentId: 'bob', token: `${later.toString(36)}.bob`, start });
const retried = (task: TaskRecord, now: number, ...dependencies: TaskRecord['status'][]) =>
  retry(inState(task.status === 'failed' ? 'failed' : 'cancelled', task), dependencies, now, settings);

/** Every change of a task's index entry, from each kind of task that can make it. */
export const moves: { move: string; of: Kind; by: (task: TaskRecord, now: number) => Transition | undefined }[] = [
  { move: 'its last dependency is met', of: 'waiting', by: (task, now) => releaseLast(edgeTo(task, 0), now, settings) },
  {
    move: 'its last dependency is met, and an agent gets it',
    of: 'waiting',
    by: (task, now) => releaseToHolder(edgeTo(task, 0), offer(true), now, settings),
  },
  {
    move: 'its dependency completes after all, and an agent gets it',
    of: 'blocked',
    by: (task, now) => releaseToHolder(edgeTo(task, 0), offer(true), now, settings),
  },
  {
    move: 'its last dependency is met, and it is delayed',
    of: 'waiting',
    by: (task, now) => releaseLast({ ...edgeTo(task, 0), notBefore: now + hour }, now, settings),
  },
  {
    move: 'its dependency completes after all',
    of: 'blocked',
    by: (task, now) => releaseLast(edgeTo(task, 0), now, settings),
  },
  {
    move: 'check again',
    of: 'waiting',
    by: (task, now) => checkAgain(inState('waiting', task), { met: [], failed: [] }, now),
  },
  {
    move: 'check again',
    of: 'blocked',
    by: (task, now) => checkAgain(inState('blocked', task), { met: [], failed: [0] }, now),
  },
  {
    move: 'its dependency completes after all, and it is delayed',
    of: 'blocked',
    by: (task, now) => releaseLast({ ...edgeTo(task, 0), notBefore: now + hour }, now, settings),
  },
  { move: 'cancel', of: 'waiting', by: (task, now) => cancel(task, undefined, now) },
  {
    move: 'its dependency fails, and its policy is cancel',
    of: 'waiting',
    by: (task, now) => ({
      ...(nextStep({ ...task, policy: 'cancel', failed: [0] }, now, settings) as Transition),
      guard: { is: 'unchanged', task: { status: 'waiting', attempt: 0 } },
    }),
  },
  { move: 'cancel', of: 'blocked', by: (task, now) => cancel(task, undefined, now) },
  {
    move: 'its delay ends',
    of: 'due',
    by: (task, now) =>
      enterLane(inState('pending', task), pendingEntry(task, inState('pending', task).readyAt, now, settings)),
  },
  { move: 'claim', of: 'due', by: (task, now) => take(task, offer(true), now, settings) },
  { move: 'check again', of: 'delayed', by: (task, now) => checkAgainAt(inState('pending', task), now + 2 * minute) },
  {
    move: 'assign manually',
    of: 'delayed',
    by: (task, now) => assign(inState('pending', task), offer(false), now, settings),
  },
  { move: 'cancel', of: 'delayed', by: (task, now) => cancel(task, undefined, now) },
  { move: 'assign', of: 'ready', by: (task, now) => take(task, offer(false), now, settings) },
  { move: 'claim', of: 'ready', by: (task, now) => take(task, offer(true), now, settings) },
  { move: 'cancel', of: 'ready', by: (task, now) => cancel(task, undefined, now) },
  {
    move: 'assign to another',
    of: 'assigned',
    by: (task, now) => assign(inState('assigned', task), offer(false), now, settings),
  },
  {
    move: 'start, to end before its start deadline',
    of: 'assigned with a short timeout',
    by: (task, now) => start(inState('assigned', task), aRecipient(), now, settings),
  },
  {
    move: 'another process takes it over, to end earlier',
    of: 'assigned with a short timeout',
    by: (task, now) => takeOver(held(task), aRecipient({ instance: 'second-1' }), true, now, settings),
  },
  { move: 'check again', of: 'running', by: (task, now) => checkAgainAt(held(task), now + hour) },
  {
    move: 'release',
    of: 'assigned',
    by: (task, now) => requeue(held(task), { cause: 'released' }, now, settings),
  },
  {
    move: 'not started in time',
    of: 'assigned',
    by: (task, now) => requeue(held(task), { cause: 'not_started' }, now, settings),
  },
  { move: 'release', of: 'running', by: (task, now) => requeue(held(task), { cause: 'released' }, now, settings) },
  { move: 'fail, to be retried', of: 'running', by: (task, now) => fail(held(task), failing(true), now, settings) },
  {
    move: 'fail, to be retried',
    of: 'assigned',
    by: (task, now) => fail(held(task), failing(true), now, settings),
  },
  { move: 'fail permanently', of: 'assigned', by: (task, now) => fail(held(task), failing(false), now, settings) },
  { move: 'fail permanently', of: 'running', by: (task, now) => fail(held(task), failing(false), now, settings) },
  { move: 'complete', of: 'running', by: (_task, now) => complete({ agentId: 'ada', attempt: 1 }, {}, now) },
  { move: 'cancel', of: 'assigned', by: (task, now) => cancel(task, undefined, now) },
  { move: 'cancel', of: 'running', by: (task, now) => cancel(task, undefined, now) },
  { move: 'retry', of: 'failed', by: (task, now) => retried(task, now) },
  { move: 'retry', of: 'cancelled', by: (task, now) => retried(task, now) },
  { move: 'retry, to wait', of: 'cancelled with a dependency', by: (task, now) => retried(task, now, 'running') },
  { move: 'retry, to be blocked', of: 'cancelled with a dependency', by: (task, now) => retried(task, now, 'failed') },
  { move: 'retry, to wait', of: 'failed with a dependency', by: (task, now) => retried(task, now, 'running') },
  { move: 'retry, to be blocked', of: 'failed with a dependency', by: (task, now) => retried(task, now, 'failed') },
  { move: 'retry, to be delayed', of: 'failed with a dependency', by: (task, now) => retried(task, now, 'completed') },
  {
    move: 'retry, to be cancelled again',
    of: 'failed with a dependency',
    by: (task, now) => retried({ ...task, policy: 'cancel' }, now, 'failed'),
  },
  {
    move: 'retry, to be cancelled again',
    of: 'cancelled, by its policy',
    by: (task, now) => retried(task, now, 'failed'),
  },
  { move: 'retry, to be delayed', of: 'cancelled before its not_before', by: (task, now) => retried(task, now) },
];

const others: Kind[] = ['waiting', 'delayed', 'ready', 'running', 'failed', 'completed'];

/** A task in each list, and two that will move, before and after them. */
export async function worldWith(kind: Kind) {
  const dynamodb = new MemoryDynamoDb();
  const ports = new TestPorts(dynamodb);
  ports.clock.advance(3 * hour);
  const moving = ['a-task', 'z-task'].map((id) => kinds[kind](id));
  const tasks = [...moving, ...others.map((other) => kinds[other](`m-${other}`))];
  for (const task of tasks) await ports.store(task, entryOf(task));
  return { dynamodb, ports, ids: tasks.map(({ id }) => id), moving: moving.map(({ id }) => id) };
}

interface Page {
  tasks: { task_id: string }[];
  next_cursor?: string;
}

/** The complete listing in pages of two, with a change after one of the pages. */
export async function listed(
  ports: TestPorts,
  movesAfter: number,
  move: () => Promise<unknown>,
  limit = 2,
): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | undefined;
  for (let n = 1; n === 1 || cursor !== undefined; n += 1) {
    const page = (await ports.perform(queryTasks, { limit, ...(cursor && { cursor }) })) as Page;
    seen.push(...page.tasks.map(({ task_id: id }) => id));
    cursor = page.next_cursor;
    if (n === movesAfter) await move();
    ports.clock.advance(second);
  }
  return seen;
}
