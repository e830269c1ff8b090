import { expect, test } from 'vitest';
import { isIn } from '#shared/domain/task.ts';
import { routeReadyTasks } from '#shared/reactions/route-ready-tasks.ts';
import { describeOnBothEngines } from '../support/dynamodb.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnBothEngines('the router', createMusterTables, (context) => {
  const create = (ports: TestPorts) => ports.create({ routing: 'auto' });
  const hintsOf = (tasks: readonly { id: string }[]) => tasks.map(({ id }) => ({ task_id: id }));
  const statuses = async (ports: TestPorts, tasks: readonly { id: string }[]) =>
    Promise.all(tasks.map(async ({ id }) => (await ports.task(id)).status));

  test('gives every task once and never more than an agent may hold, when ten of them run at once', async () => {
    const ports = new TestPorts(context);
    for (let n = 0; n < 8; n += 1) await ports.register(`agent-${n}`, [], 5);
    const tasks = await Promise.all(Array.from({ length: 60 }, () => create(ports)));

    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        routeReadyTasks(ports.another(), hintsOf(tasks.filter((_task, k) => k % 10 === n))),
      ),
    );

    const stored = (await Promise.all(tasks.map(({ id }) => ports.task(id)))).filter((task) =>
      isIn(task, ['assigned']),
    );
    expect(stored).toHaveLength(40);
    for (let n = 0; n < 8; n += 1) {
      const own = stored.filter(({ agentId }) => agentId === `agent-${n}`);
      const { inbox } = await ports.agent(`agent-${n}`);
      expect(inbox).toEqual(Object.fromEntries(own.map(({ id, offer }) => [id, offer])));
      expect(own).toHaveLength(5);
    }
  });

  test('gives a slot to a task that has waited, before the one that its message names', async () => {
    const ports = new TestPorts(context);
    const waiting = await create(ports);
    ports.clock.advance('6s');
    const named = await create(ports);
    await ports.register('ada', [], 1);

    await routeReadyTasks(ports, hintsOf([named]));
    expect(await statuses(ports, [waiting, named])).toEqual(['assigned', 'pending']);
  });

  test('leaves a task that has just come to the router that its own message reaches', async () => {
    const ports = new TestPorts(context);
    const first = await create(ports);
    ports.clock.advance('1s');
    const second = await create(ports);
    await ports.register('ada', [], 1);

    await routeReadyTasks(ports, hintsOf([second]));
    expect(await statuses(ports, [first, second])).toEqual(['pending', 'assigned']);
  });

  test('does nothing with a task that is assigned, delayed, to be claimed or gone', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', [], 5);
    const held = await ports.give(await ports.create({ routing: 'auto' }), 'ada');
    const delayed = await ports.create({ routing: 'auto', not_before: '2026-11-11T09:00:00.000Z' });
    const manual = await ports.create();

    await routeReadyTasks(ports, hintsOf([held, delayed, manual, { id: 'gone' }]));
    expect(await statuses(ports, [held, delayed, manual])).toEqual(['running', 'pending', 'pending']);
    expect(Object.keys((await ports.agent('ada')).inbox)).toEqual([held.id]);
  });
});
