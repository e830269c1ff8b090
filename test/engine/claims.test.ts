import { describe, expect, test } from 'vitest';
import { inBatches } from '#shared/batches.ts';
import { laneKey } from '#shared/domain/lane.ts';
import { pendingEntry } from '#shared/domain/index-entries.ts';
import { requeue } from '#shared/domain/holding.ts';
import { cancel } from '#shared/domain/lifecycle.ts';
import type { TaskInput } from '#shared/contract/tasks.ts';
import { offeredPollMs } from '#shared/domain/polling.ts';
import { claimTasks } from '#shared/operations/work/claim-tasks.ts';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { claim } from '#shared/steps/claim-work.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { inState, minute, excluding, toOffer } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnEngine('a claim', createMusterTables, (context) => {
  test('of the same task by 64 agents at once is won by one, and the others keep no slot for it', async () => {
    const ports = new TestPorts(context);
    const ids = Array.from({ length: 64 }, (_, n) => `agent-${n}`);
    await Promise.all(ids.map((id) => ports.register(id, [], 1)));
    const task = await ports.create();

    const claims = await Promise.all(
      ids.map(async (id) => claim(ports.another(), await ports.agent(id), { limit: 1, start: true })),
    );

    const winners = ids.filter((_, n) => claims[n]?.tasks.length === 1);
    expect(winners).toHaveLength(1);
    const stored = inState('running', await ports.task(task.id));
    expect(stored).toMatchObject({ attempt: 1, agentId: winners[0] });
    const inboxes = (await ports.agents.getMany(ids)).map(({ id, inbox }) => [id, inbox]);
    const empty = ids.map((id) => [id, id === winners[0] ? { [task.id]: stored.offer } : {}]);
    expect(Object.fromEntries(inboxes)).toEqual(Object.fromEntries(empty));
  });

  test('gets the remaining tasks if the agent is offered one at the same time', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada', [], 3);
    const tasks = [await ports.create(), await ports.create()];
    const offered = tasks[0]?.id ?? '';
    beforeCall(context.edge, updates('A#ada'), () => ports.agents.offer(agent, toOffer(offered)));

    const { tasks: claimed } = await claim(ports, agent, { limit: 2, start: true });
    expect(claimed).toMatchObject([{ task_id: tasks[1]?.id }]);
  });

  test('gets what the router assigns to its agent in the meantime', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada');
    const task = await ports.create();
    beforeCall(context.edge, updates('A#ada'), () => ports.another().give(task, 'ada', false));

    const { tasks } = await claim(ports, agent, { limit: 1, start: true });
    expect(tasks).toMatchObject([{ task_id: task.id, attempt: 1, status: 'running' }]);
  });

  test('that meets an offer not yet taken is repeated soon', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada');
    const task = await ports.create();
    beforeCall(context.edge, updates('A#ada'), () => ports.agents.offer(agent, toOffer(task.id)));

    expect(await claim(ports, agent, { limit: 1, start: true })).toEqual({ tasks: [], poll_after_ms: offeredPollMs });
    ports.clock.advance('11s');
    const { poll_after_ms } = await claim(ports, await ports.agent('ada'), { limit: 1, start: true });
    expect(poll_after_ms).toBeGreaterThan(1000);
  });

  describe('of a task that the router has assigned', () => {
    const startAssigned = async (task: Partial<TaskInput> = {}, at = '0s') => {
      const ports = new TestPorts(context);
      await ports.register('ada');
      const { id } = await ports.give(await ports.create(task), 'ada', false);
      ports.clock.advance(at);
      const before = context.meter.snapshot();
      const { tasks } = await claim(ports, await ports.agent('ada'), { limit: 1, start: true, holding: [] });
      const { readUnits, writeUnits } = context.meter.since(before).total({ table: context.tables.tasks });
      expect(tasks).toMatchObject([{ task_id: id, attempt: 1, status: 'running' }]);
      expect(inState('running', await ports.task(id)).leaseUntil).toBe(
        ports.clock.now() + Math.min(ports.settings.leaseMs, (task.timeout_seconds ?? 3600) * 1000),
      );
      return { ports, id, used: { readUnits, writeUnits } };
    };

    test('starts it without a read', async () => {
      expect((await startAssigned({}, '119s')).used).toEqual({ readUnits: 0, writeUnits: 1 });
    });

    test('reads it first if it may end before its timer, and moves the timer', async () => {
      const { ports, id, used } = await startAssigned({ timeout_seconds: 60 });
      expect(used.readUnits).toBe(1);
      expect(await ports.listings.due('timers', ports.clock.now() + 60_000, 10)).toMatchObject([{ id }]);
    });

    test('does not start a task that another claim of the agent takes', async () => {
      const ports = new TestPorts(context);
      await ports.register('ada');
      const { id } = await ports.give(await ports.create(), 'ada', true);
      const before = context.meter.snapshot();
      const { tasks } = await claim(ports, await ports.agent('ada'), { limit: 1, start: true, holding: [] });
      expect(tasks).toMatchObject([{ task_id: id }]);
      expect(context.meter.since(before).total()).toMatchObject({ writeUnits: 0, failedConditions: 0 });
    });

    test('returns it again in the same attempt if the response was lost', async () => {
      const { ports, id } = await startAssigned();
      const before = await ports.item(id);
      ports.clock.advance('1s');
      const { tasks } = await claim(ports, await ports.agent('ada'), { limit: 1, start: true, holding: [] });
      expect(tasks).toMatchObject([{ task_id: id, attempt: 1, status: 'running' }]);
      expect(await ports.item(id)).toEqual(before);
    });

    test('leaves it to the agent that has it now', async () => {
      const ports = new TestPorts(context);
      await ports.register('ada');
      await ports.register('bob');
      const task = await ports.give(await ports.create(), 'ada', false);
      const ada = await ports.agent('ada');
      await ports.tasks.apply(task.id, requeue(task, { cause: 'not_started' }, ports.clock.now(), ports.settings));
      await ports.give(await ports.task(task.id), 'bob', false);
      expect(await claim(ports, ada, { limit: 1, start: true, holding: [] })).toMatchObject({ tasks: [] });
      expect(await ports.task(task.id)).toMatchObject({ status: 'assigned', agentId: 'bob' });
    });

    test('does not start a task that its caller lists', async () => {
      const ports = new TestPorts(context);
      await ports.register('ada');
      const { id } = await ports.give(await ports.create(), 'ada', false);
      const holding = [{ task_id: id, attempt: 1 }];
      expect(await claim(ports, await ports.agent('ada'), { limit: 1, start: true, holding })).toMatchObject({
        tasks: [],
      });
      expect(await ports.task(id)).toMatchObject({ status: 'assigned' });
    });

    test('reads no lanes if this process knows that the agent already has enough', async () => {
      const ports = new TestPorts(context);
      await ports.register('ada');
      const { id } = await ports.give(await ports.create(), 'ada', false);
      await ports.agents.profiles([await ports.agent('ada')]);
      await ports.lanes.servable({});
      const queriesOfClaim = async () => {
        const before = context.meter.snapshot();
        const answer = await ports.perform(claimTasks, { agent_id: 'ada', limit: 1, holding: [] }, 'ada');
        expect(answer).toMatchObject({ tasks: [{ task_id: id }] });
        return context.meter.since(before).total({ action: 'Query' }).calls;
      };
      expect(await queriesOfClaim()).toBe(0);
      ports.clock.advance('5s');
      expect(await queriesOfClaim()).toBeGreaterThan(0);
    });
  });

  test('gets no task that the agent can no longer do, even with an outdated profile in this process', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    await ports.create({ requirements: ['python'] });
    const sql = await ports.create({ requirements: ['sql'] });
    await ports.another().register('ada', ['sql']);
    expect(ports.agents.lastKnown('ada')?.capabilities).toHaveProperty('python');

    const answer = await ports.perform(claimTasks, { agent_id: 'ada', limit: 5 }, 'ada');
    expect(answer).toMatchObject({ tasks: [{ task_id: sql.id }] });
  });

  test('returns what its caller does not prove to know, and trusts it for the rest for 30 seconds', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    await ports.create();
    await ports.create();
    const taken = (await claim(ports, await ports.agent('ada'), { limit: 2, start: true })).tasks;
    const held = taken.map(({ task_id, attempt, hold }) => ({ task_id, attempt, hold }));
    const [first, second] = held;
    const claimAgain = async (holding: typeof held) => {
      const { tasks } = await claim(ports, await ports.agent('ada'), { limit: 5, start: true, holding });
      return tasks.map(({ task_id }) => task_id);
    };
    expect(await claimAgain(held)).toEqual([]);
    expect(await claimAgain(first ? [first] : [])).toEqual([second?.task_id]);
    expect(await claimAgain(held.map((one) => ({ ...one, hold: 'of another hold' })))).toEqual([]);

    // The first one's hold has ended, but its process died before freeing the slot.
    await ports.tasks.apply(
      first?.task_id ?? '',
      cancel(await ports.task(first?.task_id ?? ''), undefined, ports.clock.now()),
    );
    await claimAgain(held);
    expect(Object.keys((await ports.agent('ada')).inbox)).toHaveLength(2);
    ports.clock.advance('30s');
    await claimAgain(held);
    expect(Object.keys((await ports.agent('ada')).inbox)).toEqual([second?.task_id]);
  });

  test('reads past any number of tasks that the agent is excluded from', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const first = await ports.create();
    const until = ports.clock.now() + 10 * minute;
    const declined = Array.from({ length: 250 }, (_, n) => ({
      ...first,
      id: `declined-${n}`,
      excluded: excluding({ ada: until }),
    }));
    await inBatches(declined, 25, (task) =>
      ports.store(task, pendingEntry(task, ports.clock.now(), ports.clock.now(), ports.settings)),
    );
    await ports.tasks.apply(first.id, cancel(first, undefined, ports.clock.now()));
    ports.clock.advance('1s');
    const suitable = await ports.create();

    const { tasks } = await claim(ports, await ports.agent('ada'), { limit: 1, start: true });
    expect(tasks).toMatchObject([{ task_id: suitable.id }]);
  });

  test('of certain types gets those in order, wherever in the lane they are', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const types = [...Array.from({ length: 120 }, () => 'other'), 'report', 'other', 'survey', 'report'];
    const ids: string[] = [];
    for (const task_type of types) {
      ids.push((await ports.create({ task_type })).id);
      ports.clock.advance('1ms');
    }

    const wanted = { limit: 3, start: true, task_types: ['survey', 'report'] };
    const { tasks } = await claim(ports, await ports.agent('ada'), wanted);
    expect(tasks.map(({ task_id }) => task_id)).toEqual([ids[120], ids[122], ids[123]]);
    expect((await claim(ports, await ports.agent('ada'), wanted)).tasks).toEqual([]);
  });

  test('that finds nothing writes nothing, but reports how long the agent has been idle', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const task = await ports.create();
    ports.clock.advance('10m');
    await claim(ports, await ports.agent('ada'), { limit: 1, start: true });
    ports.clock.advance('10m');
    await ports.perform(completeTask, { task_id: task.id, attempt: 1 }, 'ada');
    const waits: number[] = [];
    for (const passed of ['0s', '29s']) {
      ports.clock.advance(passed);
      const before = context.meter.snapshot();
      const { poll_after_ms: wait } = await claim(ports, await ports.agent('ada'), { limit: 1, start: true });
      waits.push(wait / 1000);
      expect(context.meter.since(before).total().writeUnits).toBe(0);
    }
    const [atOnce = 0, later = 0] = waits;
    expect(atOnce).toBeLessThanOrEqual(2.4);
    expect(later).toBeGreaterThanOrEqual(0.8 * 5.8);
    expect(later).toBeLessThanOrEqual(1.2 * 5.8);
  });

  test('that finds nothing reads 50 of the 200 lanes that its agent serves, different ones each time', async () => {
    const ports = new TestPorts(context);
    const names = Array.from({ length: 20 }, (_, n) => `skill-${String(n).padStart(2, '0')}`);
    await ports.register('ada', names);
    const pairs = names.flatMap((one, n) => names.slice(n + 1).map((other) => [one, other]));
    const lanes = [...pairs, ...names.map((name) => [name])].slice(0, 200).map((requirements) => ({
      key: laneKey(requirements),
      routing: 'auto' as const,
      requirements,
    }));
    await inBatches(lanes, 25, (lane) => ports.lanes.register(lane));
    const look = () => ports.perform(claimTasks, { agent_id: 'ada' }, 'ada');
    await look();
    const before = context.meter.snapshot();
    expect(await look()).toMatchObject({ tasks: [] });
    expect(context.meter.since(before).total().calls).toBeLessThanOrEqual(54);

    const task = await ports.create({ requirements: lanes.at(-1)?.requirements ?? [] });
    const given: unknown[] = [];
    for (let n = 0; n < 60 && given.length === 0; n += 1) {
      given.push(...((await look()) as { tasks: unknown[] }).tasks);
    }
    expect(given).toMatchObject([{ task_id: task.id }]);
  });
});
