import { describe, expect, test } from 'vitest';
import { isIn } from '#shared/domain/task.ts';
import { claimTasks } from '#shared/operations/work/claim-tasks.ts';
import { releaseTask } from '#shared/operations/work/release-task.ts';
import { assignTask } from '#shared/operations/work/assign-task.ts';
import { heartbeatAgent } from '#shared/operations/agents/heartbeat-agent.ts';
import { routeReadyTasks } from '#shared/reactions/route-ready-tasks.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { toOffer } from '../support/tasks.ts';
import { refusalCode, TestPorts } from '../support/test-ports.ts';

describeOnEngine('the router', createMusterTables, (context) => {
  const create = (ports: TestPorts) => ports.create({ routing: 'auto' });
  const hintsOf = (tasks: readonly { id: string }[]) => tasks.map(({ id }) => ({ task_id: id }));
  const statuses = async (ports: TestPorts, tasks: readonly { id: string }[]) =>
    Promise.all(tasks.map(async ({ id }) => (await ports.task(id)).status));

  test("assigns every task once and never exceeds an agent's maximum, with ten routers at once", async () => {
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

  test('gives a slot to a task that has waited before the one in its message', async () => {
    const ports = new TestPorts(context);
    const waiting = await create(ports);
    ports.clock.advance('6s');
    const named = await create(ports);
    await ports.register('ada', [], 1);

    await routeReadyTasks(ports, hintsOf([named]));
    expect(await statuses(ports, [waiting, named])).toEqual(['assigned', 'pending']);
  });

  test('leaves a new task to the router that gets its own message', async () => {
    const ports = new TestPorts(context);
    const first = await create(ports);
    ports.clock.advance('1s');
    const second = await create(ports);
    await ports.register('ada', [], 1);

    await routeReadyTasks(ports, hintsOf([second]));
    expect(await statuses(ports, [first, second])).toEqual(['pending', 'assigned']);
  });

  test('puts a task to be claimed into its lane when its delay ends', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.create({ not_before: new Date(ports.clock.now() + 10_000).toISOString() });
    const claimed = () => ports.perform(claimTasks, { agent_id: 'ada' }, 'ada');

    ports.clock.advance('9s');
    await routeReadyTasks(ports, hintsOf([{ id }]));
    expect(await claimed()).toMatchObject({ tasks: [] });
    // Its message came early by the router's clock, which sends another.
    expect(ports.sentWakeUps).toEqual([{ wakeUp: { task_id: id }, delayMs: 1000 }]);
    ports.clock.advance('1s');
    await routeReadyTasks(ports, hintsOf([{ id }]));
    expect(await claimed()).toMatchObject({ tasks: [{ task_id: id }] });
  });

  test('assigns a task to an agent that has registered since this process last sampled the agents', async () => {
    const ports = new TestPorts(context);
    await ports.register('full', [], 1);
    const [first, second] = [await create(ports), await create(ports)];
    const router = ports.another();
    await routeReadyTasks(router, hintsOf([first, second]));
    await ports.register('ada', [], 1);
    await routeReadyTasks(router, hintsOf([second]));
    expect(await statuses(ports, [second])).toEqual(['assigned']);
  });

  describe('checks a task that finds no free agent again once it must be counted', () => {
    test('as long as the statistics show no waiting work', async () => {
      const ports = new TestPorts(context);
      const task = await create(ports);
      await routeReadyTasks(ports, hintsOf([task]));
      expect(ports.sentWakeUps).toEqual([{ wakeUp: { task_id: task.id }, delayMs: 3000 }]);

      // The agent registers before the task is counted, so the router is not woken for it.
      await ports.register('ada', [], 1);
      ports.clock.advance('3s');
      await routeReadyTasks(ports, hintsOf([task]));
      expect(await statuses(ports, [task])).toEqual(['assigned']);
    });

    test('once, and not at all if the statistics show waiting work', async () => {
      const ports = new TestPorts(context);
      const task = await create(ports);
      ports.clock.advance('3s');
      await routeReadyTasks(ports, hintsOf([task]));
      expect(ports.sentWakeUps).toEqual([]);

      const changes = [{ sequenceNumber: '1', before: undefined, after: await ports.task(task.id) }];
      await ports.counting.add({ shardId: 'shard', changes });
      await routeReadyTasks(ports, hintsOf([await create(ports)]));
      expect(ports.sentWakeUps).toEqual([]);
    });
  });

  describe('offers waiting work to an agent that looked full for a moment', () => {
    /**
     * ada's only slot has an offer of `lost` when bob gets it; at that moment the router looks for an agent for
     * `waiting`.
     */
    async function passOver(ports: TestPorts, offer: (lost: { id: string }) => Promise<unknown>) {
      await ports.register('ada', [], 1);
      const lost = await create(ports);
      const other = ports.another();
      let waiting: { id: string } | undefined;
      beforeCall(context.edge, updates(`T#${lost.id}`), async () => {
        await other.register('bob', [], 1);
        await other.give(await other.task(lost.id), 'bob');
        waiting = await create(other);
        await routeReadyTasks(other, hintsOf([waiting]));
        expect(await statuses(other, [waiting])).toEqual(['pending']);
      });
      await offer(lost);
      return waiting ? [waiting] : [];
    }

    /** The router checks it again when the statistics must include it. */
    const again = ({ id }: { id: string }) => ({ wakeUp: { task_id: id }, delayMs: 3000 });

    const handle = (ports: TestPorts) =>
      routeReadyTasks(
        ports,
        ports.sentWakeUps.map(({ wakeUp }) => wakeUp),
      );

    test('when the router withdraws the offer', async () => {
      const ports = new TestPorts(context);
      const waiting = await passOver(ports, (lost) => routeReadyTasks(ports, hintsOf([lost])));
      expect(ports.sentWakeUps).toEqual([...waiting.map(again), { wakeUp: { agent_id: 'ada' } }]);
      await handle(ports);
      expect(await statuses(ports, waiting)).toEqual(['assigned']);
    });

    test('when a manual assignment withdraws it', async () => {
      const ports = new TestPorts(context);
      const waiting = await passOver(ports, ({ id }) =>
        refusalCode(ports.perform(assignTask, { task_id: id, agent_id: 'ada' })),
      );
      await handle(ports);
      expect(await statuses(ports, waiting)).toEqual(['assigned']);
    });

    test('when a heartbeat removes the offer of a process that died', async () => {
      const ports = new TestPorts(context);
      const agent = await ports.register('ada', [], 1);
      await ports.agents.offer(agent, toOffer('gone'));
      ports.clock.advance('61s');
      const waiting = await create(ports);
      await ports.perform(heartbeatAgent, { agent_id: 'ada', holding: [] }, 'ada');
      await handle(ports);
      expect(await statuses(ports, [waiting])).toEqual(['assigned']);
    });

    test('but not if the task does not suit the agent, which would lose it again and again', async () => {
      const ports = new TestPorts(context);
      await ports.register('ada', [], 1);
      const { id } = await ports.give(await create(ports), 'ada');
      await ports.perform(releaseTask, { task_id: id, reason: 'not me' });
      ports.sentWakeUps.length = 0;
      await routeReadyTasks(ports, [{ agent_id: 'ada' }]);
      expect(await statuses(ports, [{ id }])).toEqual(['pending']);
      expect(ports.sentWakeUps).toEqual([]);
    });

    test('but not if a claim withdraws one, since the agent claims again', async () => {
      const ports = new TestPorts(context);
      const [waiting] = await passOver(ports, () => ports.perform(claimTasks, { agent_id: 'ada' }, 'ada'));
      expect(ports.sentWakeUps).toEqual(waiting ? [again(waiting)] : []);
      expect(await statuses(ports, waiting ? [waiting] : [])).toEqual(['running']);
    });
  });

  test('ignores a task that is assigned, delayed, to be claimed or gone', async () => {
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
