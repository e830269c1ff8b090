import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { taskKey } from '#shared/adapters/item-keys.ts';
import { Table } from '#shared/adapters/table.ts';
import { limits } from '#shared/contract/limits.ts';
import type { TaskRecord } from '#shared/domain/task.ts';
import type { IndexEntry } from '#shared/domain/transition.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { edgeTo } from '../support/task-life.ts';
import { aTask, aWaitingTask, completedTask } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnEngine('many dependencies', createMusterTables, (context) => {
  /** Writes copies of a task under many ids, as if each had been created and had the same history. */
  async function storeCopies(
    ports: TestPorts,
    task: TaskRecord,
    ids: readonly string[],
    indexEntry?: IndexEntry,
  ): Promise<void> {
    await ports.store(task, indexEntry);
    const item = await ports.item(task.id);
    const copies = ids.map((id) => ({ ...item, ...taskKey(id) }));
    await new Table(context.client, context.tables.tasks).putMany(copies);
  }

  test('of one task, 1,000 of them, are all counted and release it once, even at its maximum size', async () => {
    const ports = new TestPorts(context);
    const dependencies = Array.from({ length: limits.dependencies }, (_, n) => `parent-${n}`.padEnd(64, 'x'));
    const last = dependencies.slice(-25);
    await storeCopies(ports, completedTask({ id: 'met' }), dependencies.slice(0, -25));
    await storeCopies(ports, aTask({ id: 'open' }), last);
    const child = await ports.create({
      dependencies,
      // Incompressible content.
      content: randomBytes((limits.contentBytes / 4) * 3).toString('base64'),
      metadata: { note: randomBytes(3000).toString('base64') },
      requirements: Array.from({ length: limits.requirements }, (_, n) => `skill-${n}`.padEnd(64, 'x')),
    });
    expect(child).toMatchObject({ status: 'waiting', done: { length: dependencies.length - last.length } });

    const completed = [...last, ...last].map((id) => ({ id, status: 'completed' as const }));
    await Promise.all(completed.map((parent) => releaseDependents(ports.another(), parent)));
    const task = await ports.task(child.id);
    expect(task).toMatchObject({ status: 'pending', failed: [] });
    expect(task.done).toEqual(Array.from({ length: limits.dependencies }, (_, ordinal) => ordinal));
    expect((await ports.tasks.payloads([task])).get(child.id)).toMatchObject({ dependencies });
  });

  test('on one task are read page by page, and each dependent is released', async () => {
    const ports = new TestPorts(context);
    const children = Array.from({ length: 505 }, (_, n) => aWaitingTask(1, { id: `child-${n}` }));
    const ids = children.map(({ id }) => id);
    await storeCopies(ports, aWaitingTask(1, { id: 'child' }), ids, { in: 'checks', at: ports.clock.now() });
    const edges = children.map((child) => ({ ...edgeTo(child, 0), parentId: 'parent' }));
    await ports.tasks.putEdges(edges, ports.clock.now());

    const before = context.meter.snapshot();
    await releaseDependents(ports, { id: 'parent', status: 'completed' });
    const used = context.meter.since(before).total();
    const released = await ports.tasks.getMany(ids);
    expect(new Set(released.map(({ status }) => status))).toEqual(new Set(['pending']));
    expect(used.writeUnits / children.length).toBeLessThanOrEqual(3.1);
    expect(used.failedConditions).toBe(0);
  });
});
