import { describe, expect, test } from 'vitest';
import { awsError } from '#local/edge/call.ts';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { publishChanges } from '#shared/reactions/publish-changes.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { taskChanges } from '../support/task-changes.ts';
import { edgeTo } from '../support/task-life.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnEngine('complete_task', createMusterTables, (context) => {
  async function parentOf(ports: TestPorts, count: number) {
    await ports.register('ada');
    const parent = await ports.create();
    const children: string[] = [];
    for (let n = 0; n < count; n += 1) children.push((await ports.create({ dependencies: [parent.id] })).id);
    const held = await ports.give(parent, 'ada');
    return {
      held,
      id: parent.id,
      children,
      statuses: async () => (await ports.tasks.getMany(children)).map(({ status }) => status),
    };
  }

  /**
   * Passes the last changes to the outbox.
   * @returns the tasks whose dependents it finds outdated
   */
  async function publishLast(ports: TestPorts, total: number, last: number): Promise<string[]> {
    const changes = (await taskChanges(context, total)).slice(-last);
    ports.releases.length = 0;
    await publishChanges(ports, { shardId: 'shard', changes });
    return ports.releases.map(({ task_id }) => task_id);
  }

  test('updates ten dependents itself, and the outbox, which finds them up to date, starts no release', async () => {
    const ports = new TestPorts(context);
    const { id, statuses } = await parentOf(ports, 10);
    await ports.perform(completeTask, { task_id: id });
    expect(new Set(await statuses())).toEqual(new Set(['pending']));
    expect(await publishLast(ports, 11 + 2 + 10, 11)).toEqual([]);
    expect(ports.published).toMatchObject([{ type: 'Task Completed', detail: { has_dependents: true } }]);
  });

  test('leaves eleven dependents to the release', async () => {
    const ports = new TestPorts(context);
    const { id, statuses } = await parentOf(ports, 11);
    await ports.perform(completeTask, { task_id: id });
    expect(new Set(await statuses())).toEqual(new Set(['waiting']));
    expect(await publishLast(ports, 12 + 2, 1)).toEqual([id]);
  });

  test('leaves them to the release if its process dies before updating them', async () => {
    const ports = new TestPorts(context);
    const { held, id, statuses } = await parentOf(ports, 2);
    await ports.completeAndDie(held);
    expect(new Set(await statuses())).toEqual(new Set(['waiting']));
    expect(await publishLast(ports, 3 + 2, 1)).toEqual([id]);
  });

  test('leaves the last step to the release if its process dies between the ordinal and that step', async () => {
    const ports = new TestPorts(context);
    const { held, id, children } = await parentOf(ports, 1);
    const [child = ''] = children;
    await ports.completeAndDie(held);
    await ports.tasks.recordDependency(edgeTo(await ports.task(child), 0), 'met', ports.clock.now());
    expect(await ports.task(child)).toMatchObject({ status: 'waiting', done: [0] });
    expect(await publishLast(ports, 2 + 2 + 1, 2)).toEqual([id]);
  });

  test('responds even if one dependent could not be updated, which is left to the release', async () => {
    const ports = new TestPorts(context);
    const { id, children, statuses } = await parentOf(ports, 2);
    const restore = context.edge.intercept((call, next) =>
      updates(`T#${children[0]}`)(call) ? Promise.resolve(awsError('ValidationException', 'No')) : next(),
    );
    await expect(ports.perform(completeTask, { task_id: id })).resolves.toMatchObject({ status: 'completed' });
    restore();
    expect(await statuses()).toEqual(['waiting', 'pending']);
    expect(await publishLast(ports, 3 + 2 + 1, 2)).toEqual([id]);
  });

  describe('updates a dependent with other dependencies', () => {
    async function childOfTwo(ports: TestPorts) {
      await ports.register('ada');
      const [one, two] = [await ports.create(), await ports.create()];
      const child = (await ports.create({ dependencies: [one.id, two.id] })).id;
      const held = [await ports.give(one, 'ada'), await ports.give(two, 'ada')];
      return { one: held[0]?.id ?? '', two: held[1]?.id ?? '', child };
    }

    test('which keeps waiting for the other one, and no release starts', async () => {
      const ports = new TestPorts(context);
      const { one, child } = await childOfTwo(ports);
      await ports.perform(completeTask, { task_id: one });
      expect(await ports.task(child)).toMatchObject({ status: 'waiting', done: [0] });
      expect(await publishLast(ports, 3 + 2 + 2, 2)).toEqual([]);
    });

    test('which one of two simultaneous completions releases', async () => {
      const ports = new TestPorts(context);
      const { one, two, child } = await childOfTwo(ports);
      beforeCall(context.edge, updates(`T#${child}`), () => ports.another().perform(completeTask, { task_id: two }));
      await ports.perform(completeTask, { task_id: one });
      expect(await ports.task(child)).toMatchObject({ status: 'pending', done: [0, 1] });
    });
  });
});
