import type { Edge } from '#shared/domain/edge.ts';
import { defaultSettings, times } from '#shared/domain/settings.ts';
import type { TaskRecord } from '#shared/domain/task.ts';
import type { TaskAsRead } from '#shared/domain/transition.ts';
import { openStatuses } from '#shared/schema.ts';
import { expect } from 'vitest';
import { guardCases } from '../support/guard-cases.ts';
import { writes } from '../support/memory-dynamodb.ts';
import {
  aBlockedTask,
  assignedTask,
  aTask,
  aWaitingTask,
  cancelledTask,
  day,
  hour,
  morning,
  runningTask,
} from '../support/tasks.ts';
import type { Case, World } from './sites.ts';

/** Creates a waiting task, without any recorded dependency states. */
function create({ ports }: World, { done: _done, failed: _failed, ...record }: TaskRecord) {
  return ports.tasks.create({ record, first: { set: { status: 'waiting', checkEveryMs: 1000 } } });
}

const anEdge = (fields: Partial<Edge> = {}): Edge => ({
  parentId: 'parent',
  childId: 'task-1',
  childHash: 'body-1',
  ordinal: 0,
  need: 2,
  policy: 'block',
  lane: 'python',
  routing: 'manual',
  priority: 'medium',
  timeoutMs: 1000,
  ...fields,
});

/** One case for each task of the table, so that each clause of each guard fails for one of them. */
const guards = Object.entries(guardCases).flatMap(([name, { guard, holds, refuses }]) =>
  Object.entries({ ...holds, ...refuses }).map(([what, task]): [string, Case] => [
    `a change if a task is ${name}: ${what}`,
    async ({ ports }) => {
      await ports.store(task);
      const { applied } = await ports.tasks.apply(task.id, { guard, change: { set: { retryCount: 7 } } });
      expect(applied).toBe(what in holds);
    },
  ]),
);

/** The reads on which a change may be based. */
const reads: Record<string, TaskAsRead> = {
  'never held': { status: 'pending', attempt: 0 },
  'held before': { status: 'pending', attempt: 2 },
  'delayed, never held': { status: 'pending', attempt: 0, dueAt: morning },
  'delayed, held before': { status: 'pending', attempt: 2, dueAt: morning },
  held: { status: 'running', attempt: 2, offer: 'offer-2', leaseUntil: morning },
  'waiting, without dependency states': { status: 'waiting', attempt: 0, done: [], failed: [] },
  'waiting, with one met': { status: 'waiting', attempt: 0, done: [0], failed: [] },
  'blocked, with one failed': { status: 'blocked', attempt: 0, done: [], failed: [0] },
  'blocked, with one met and one failed': { status: 'blocked', attempt: 0, done: [0], failed: [1] },
  'ended after it was held': { status: 'failed', attempt: 2, offer: 'offer-2', endedAt: morning, done: [], failed: [] },
  'ended without one met': { status: 'cancelled', attempt: 0, endedAt: morning, done: [], failed: [0] },
  'ended with one met': { status: 'cancelled', attempt: 0, endedAt: morning, done: [0], failed: [1] },
};

/** A different value of a field. */
const others: { [Field in keyof TaskAsRead]-?: (read: TaskAsRead) => TaskAsRead[Field] } = {
  status: ({ status }) => (status === 'blocked' ? 'waiting' : 'blocked'),
  attempt: ({ attempt }) => attempt + 1,
  offer: () => 'another',
  leaseUntil: ({ leaseUntil = 0 }) => leaseUntil + 1,
  dueAt: ({ dueAt = 0 }) => dueAt + 1,
  endedAt: ({ endedAt = 0 }) => endedAt + 1,
  done: ({ done }) => [...(done ?? []), 7],
  failed: ({ failed }) => [...(failed ?? []), 7],
};

const unchanged = Object.entries(reads).flatMap(([name, read]) => {
  const changeOf =
    (stored: TaskAsRead, isMade: boolean): Case =>
    async ({ ports }) => {
      await ports.store({ ...aTask(), ...stored } as TaskRecord);
      const guard = { is: 'unchanged', task: read } as const;
      const { applied } = await ports.tasks.apply('task-1', { guard, change: { set: { retryCount: 7 } } });
      expect(applied).toBe(isMade);
    };
  const fields = Object.keys(read) as (keyof TaskAsRead)[];
  return [
    [`a change of a task that was read ${name} and still is so`, changeOf(read, true)] as const,
    ...fields.map((field) => {
      const title = `a change of a task that was read ${name}, of which ${field} has changed`;
      return [title, changeOf({ ...read, [field]: others[field](read) }, false)] as const;
    }),
  ];
});

const states = ['met', 'failed', 'unfailed'] as const;
const [both, none] = [new Set([0, 1]), undefined];

/** Dependency states recorded on an existing child or a placeholder. */
const dependencies = states.flatMap((state): [string, Case][] => [
  [
    `a dependency that is ${state} of a task that is there`,
    async ({ ports }) => {
      await ports.store(aWaitingTask(2, { failed: [0] }));
      await ports.tasks.recordDependency(anEdge(), state, morning);
      const { done, failed } = await ports.task('task-1');
      expect({ done, failed }).toEqual({ done: state === 'met' ? [0] : [], failed: state === 'failed' ? [0] : [] });
    },
  ],
  [
    `a dependency that is ${state} of a task whose id another one has`,
    async ({ ports }) => {
      await ports.store(aWaitingTask(2, { bodyHash: 'body-2', done: [1], failed: [0] }));
      expect(await ports.tasks.recordDependency(anEdge({ ordinal: 0 }), state, morning)).toBeUndefined();
      await ports.tasks.recordDependency(anEdge({ ordinal: 2 }), state, morning);
      expect(await ports.task('task-1')).toMatchObject({ done: [1], failed: [0] });
    },
  ],
  [
    `a dependency that is ${state} of a task to come`,
    async ({ dynamodb, ports }) => {
      const before = state === 'unfailed' ? anEdge({ ordinal: 1 }) : anEdge({ ordinal: 0 });
      await ports.tasks.recordDependency(before, state === 'met' ? 'met' : 'failed', morning);
      await ports.tasks.recordDependency(anEdge({ ordinal: 1 }), state, morning + hour);
      const item = await ports.item('task-1');
      expect(dynamodb.changes).toBe(2);
      // Kept for another day.
      expect(item).toMatchObject({ bh: 'body-1', ttl: (morning + hour + day) / 1000 });
      expect([item['dn'], item['fl']]).toEqual(
        { met: [both, none], failed: [none, both], unfailed: [none, none] }[state],
      );
    },
  ],
  [
    `a dependency that is ${state} of a task to come, when another body came first`,
    async ({ ports }) => {
      await ports.tasks.recordDependency(anEdge({ childHash: 'body-2', ordinal: 5 }), state, morning);
      await ports.tasks.recordDependency(anEdge(), state, morning);
      const { bh, dn = new Set(), fl = new Set() } = await ports.item('task-1');
      expect(bh).toBe('body-2');
      expect([dn, fl]).not.toContainEqual(new Set([0, 5]));
    },
  ],
  [
    `a dependency that is ${state} of a task that comes meanwhile`,
    async ({ dynamodb, ports }) => {
      const tries = { count: 0 };
      const isSecond = (call: Parameters<ReturnType<typeof writes>>[0]) =>
        writes('UpdateItem', 'T#task-1')(call) && (tries.count += 1) === 2;
      dynamodb.before(isSecond, () => ports.store(aWaitingTask(2)));
      const child = await ports.tasks.recordDependency(anEdge(), state, morning);
      expect(child).toMatchObject({ done: state === 'met' ? [0] : [], failed: state === 'failed' ? [0] : [] });
      expect((await ports.item('task-1'))['ttl']).toBeUndefined();
    },
  ],
]);

export const taskCases: Record<string, Case> = {
  ...Object.fromEntries(guards),
  ...Object.fromEntries(unchanged),
  ...Object.fromEntries(dependencies),

  'a failed dependency that was met': async ({ ports }) => {
    await ports.store(aWaitingTask(2, { done: [0] }));
    await ports.tasks.recordDependency(anEdge(), 'failed', morning);
    expect((await ports.task('task-1')).failed).toEqual([]);
  },
  'a failed dependency that was met, on a placeholder': async ({ ports }) => {
    await ports.tasks.recordDependency(anEdge(), 'met', morning);
    await ports.tasks.recordDependency(anEdge(), 'failed', morning);
    expect((await ports.item('task-1'))['fl']).toBeUndefined();
  },

  'a new task': async (world) => {
    expect((await create(world, aTask())).applied).toBe(true);
  },
  'a new task with the id of another one': async (world) => {
    await create(world, aTask({ title: 'first' }));
    expect((await create(world, aTask({ title: 'second' }))).applied).toBe(false);
    expect((await world.ports.task('task-1')).title).toBe('first');
  },
  'a new task merges its placeholder': async (world) => {
    await world.ports.tasks.recordDependency(anEdge(), 'met', morning);
    await create(world, aWaitingTask(2));
    expect((await world.ports.task('task-1')).done).toEqual([0]);
  },
  'a new task discards the placeholder of another body': async (world) => {
    await world.ports.tasks.recordDependency(anEdge({ childHash: 'body-2' }), 'met', morning);
    await create(world, aWaitingTask(2));
    expect(await world.ports.task('task-1')).toMatchObject({ bodyHash: 'body-1', done: [] });
  },
  'two new tasks in place of a placeholder': async (world) => {
    const { dynamodb, ports } = world;
    await ports.tasks.recordDependency(anEdge({ childHash: 'body-2' }), 'met', morning);
    const tries = { count: 0 };
    const isSecond = (call: Parameters<ReturnType<typeof writes>>[0]) =>
      writes('UpdateItem', 'T#task-1')(call) && (tries.count += 1) === 2;
    dynamodb.before(isSecond, () => create(world, aWaitingTask(2, { title: 'first' })));
    expect((await create(world, aWaitingTask(2, { title: 'second' }))).applied).toBe(false);
    expect((await ports.task('task-1')).title).toBe('first');
  },
  'two new tasks that merge a placeholder': async (world) => {
    const { dynamodb, ports } = world;
    await ports.tasks.recordDependency(anEdge(), 'met', morning);
    dynamodb.before(writes('UpdateItem', 'T#task-1'), () => create(world, aWaitingTask(2, { title: 'first' })));
    expect((await create(world, aWaitingTask(2, { title: 'second' }))).applied).toBe(false);
    expect((await ports.task('task-1')).title).toBe('first');
  },
  'two new tasks in place of one past its retention': async (world) => {
    const { dynamodb, ports } = world;
    await ports.store(cancelledTask());
    ports.clock.advance(defaultSettings.retentionMs + times.keptForDependentsMs);
    dynamodb.before(writes('DeleteItem', 'T#task-1'), () => create(world, aTask({ title: 'first' })));
    expect((await create(world, aTask({ title: 'second' }))).applied).toBe(false);
    expect((await ports.task('task-1')).title).toBe('first');
  },

  'the mark of a recount on an open task': async ({ ports }) => {
    const open = [aWaitingTask(1), aBlockedTask(1), aTask(), assignedTask(), runningTask()];
    expect(new Set(open.map(({ status }) => status))).toEqual(new Set(openStatuses));
    for (const task of open) {
      await ports.store({ ...task, id: task.status });
      expect(await ports.tasks.markCounted(task.status, 1)).toBe(true);
      expect(await ports.tasks.markCounted(task.status, 1)).toBe(false);
      expect(await ports.tasks.markCounted(task.status, 2)).toBe(true);
    }
  },
  'the mark of a recount on an ended task': async ({ ports }) => {
    await ports.store(cancelledTask());
    expect(await ports.tasks.markCounted('task-1', 1)).toBe(false);
  },
};
