import { describe, expect, test } from 'vitest';
import { fail } from '#shared/domain/holding.ts';
import type { AgentRecord } from '#shared/domain/agent.ts';
import { isHeld, type TaskRecord } from '#shared/domain/task.ts';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { releaseTask } from '#shared/operations/work/release-task.ts';
import { assignTask } from '#shared/operations/work/assign-task.ts';
import { takeOffers } from '#shared/steps/take-offers.ts';
import { claim } from '#shared/steps/claim-work.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { afterCall, delayFirst, loseAnswer, repeatLater, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { aTask, empty, toOffer } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

const none = { kind: 'none' } as const;
const byRouter = { by: 'router', start: false, asked: false } as const;

describeOnEngine('an offer', createMusterTables, (context) => {
  describe("does not exceed the agent's slots", () => {
    test('when 64 routers offer different tasks at once', async () => {
      const ports = new TestPorts(context);
      const agent = await ports.register('ada', [], 5);
      const tasks = Array.from({ length: 64 }, (_, n) => aTask({ id: `task-${n}` }));
      await Promise.all(tasks.map((task) => ports.store(task)));

      const taken = await Promise.all(
        tasks.map((task) => takeOffers(ports.another(), { agent, tasks: [task], ...byRouter })),
      );

      const won = taken.flatMap(({ tasks: [task] }) => (task ? [task] : []));
      expect(won).toHaveLength(5);
      for (const { agent: then } of taken) expect(Object.keys(then?.inbox ?? {}).length).toBeLessThanOrEqual(5);
      expect((await ports.agent('ada')).inbox).toEqual(Object.fromEntries(won.map(({ id, offer }) => [id, offer])));
      const statuses = (await ports.tasks.getMany(tasks.map(({ id }) => id))).map(({ status }) => status);
      expect(statuses.filter((status) => status === 'pending')).toHaveLength(59);
    });

    test('with more tasks than there is room for', async () => {
      const ports = new TestPorts(context);
      const agent = await ports.register('ada', [], 5);
      expect(await ports.agents.offer(agent, toOffer('a', 'b', 'c'))).toMatchObject({ offered: true });
      expect(await ports.agents.offer(agent, toOffer('d', 'e', 'f'))).toMatchObject({ offered: false });
      expect(await ports.agents.offer(agent, toOffer('d', 'e'))).toMatchObject({ offered: true });
      expect(Object.keys((await ports.agent('ada')).inbox).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    test('if its maximum was lowered since the router read it', async () => {
      const ports = new TestPorts(context);
      const agent = await ports.register('ada', [], 5);
      await ports.agents.offer(agent, toOffer('a', 'b'));
      await ports.register('ada', [], 2);
      expect(await ports.agents.offer(agent, toOffer('c'))).toMatchObject({ offered: false, agent: { maximum: 2 } });
    });
  });

  test('is refused by an agent that has left', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada');
    await ports.agents.leave('ada');
    expect(await ports.agents.offer(agent, toOffer('task'))).toMatchObject({ offered: false });
    expect((await ports.agent('ada')).inbox).toEqual({});
  });

  describe('that is withdrawn after its task was worked on counts the outcome', () => {
    test('if it had won and only its response was late', async () => {
      const ports = new TestPorts(context);
      const agent = await ports.register('ada');
      const task = await ports.create();
      const restore = context.edge.intercept(async (call, next) => {
        if (!updates(`T#${task.id}`)(call)) return next();
        restore();
        const answer = await next();
        // The process that reports the failure dies before the slot is freed; then the SDK retries the write.
        const held = await ports.task(task.id);
        if (!isHeld(held)) return answer;
        const failure = { cause: 'failed', shouldRetry: false, report: {}, fraction: 0 } as const;
        await ports.tasks.apply(task.id, fail(held, failure, ports.clock.now(), ports.settings));
        return next();
      });
      expect(await takeOffers(ports, { agent, tasks: [task], ...byRouter })).toMatchObject({ tasks: [] });
      expect(await ports.agent('ada')).toMatchObject({ failed: 1, inbox: empty });
    });

    test('if somebody assigns the task to the same agent again', async () => {
      const ports = new TestPorts(context);
      await ports.register('ada');
      const held = await ports.give(await ports.create(), 'ada');
      const failure = { cause: 'failed', shouldRetry: true, report: {}, fraction: 0 } as const;
      await ports.tasks.apply(held.id, fail(held, failure, ports.clock.now(), ports.settings));
      ports.clock.advance('61s');
      expect(await ports.perform(assignTask, { task_id: held.id, agent_id: 'ada' })).toMatchObject({ attempt: 2 });
      expect(await ports.agent('ada')).toMatchObject({ failed: 1 });
    });
  });

  test('is refused by an agent that is draining or gone', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada');
    await ports.agents.setState('ada', 'draining');
    expect(await ports.agents.offer(agent, toOffer('task'))).toMatchObject({
      offered: false,
      agent: { inbox: empty },
    });
    await ports.deregister('ada');
    expect(await ports.agents.offer(agent, toOffer('task'))).toEqual({ offered: false, agent: undefined });
    expect(await ports.agents.get('ada')).toBeUndefined();
  });

  test('does not replace another offer of the same task, which may be about to win', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada');
    const offers = await Promise.all(
      [ports, ports.another()].map(({ agents }) => agents.offer(agent, toOffer('task'))),
    );
    expect(offers.filter(({ offered }) => offered)).toHaveLength(1);
    const [winner] = offers.filter(({ offered }) => offered);
    expect((await ports.agent('ada')).inbox).toEqual(winner?.agent?.inbox);
  });

  test('that was stored but whose response was lost is recognized when retried', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada', [], 1);
    loseAnswer(context.edge, updates('A#ada'));
    const offer = await ports.agents.offer(agent, toOffer('task'));
    expect(offer).toMatchObject({ offered: true, agent: { inbox: offer.offered && offer.tokens } });
    expect(await ports.agents.offer(agent, toOffer('task'))).toMatchObject({ offered: false });
  });

  test('that arrives late, after its retry has won and the hold has ended, does not count the outcome again', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada', [], 1);
    const task = await ports.create();
    const late = delayFirst(context.edge, updates('A#ada'));
    const { tasks } = await takeOffers(ports, { agent, tasks: [task], ...byRouter, start: true });
    expect(tasks).toHaveLength(1);
    await ports.perform(completeTask, { task_id: task.id }, 'ada');
    await late.happen();
    expect(Object.keys((await ports.agent('ada')).inbox)).toEqual([task.id]);

    ports.clock.advance('61s');
    await claim(ports, await ports.agent('ada'), { limit: 1, start: true });
    expect(await ports.agent('ada')).toMatchObject({ inbox: empty, completed: 1 });
  });

  describe('with a delayed take does not give a task to the agent that released it', () => {
    const takers: Record<string, (ports: TestPorts, task: TaskRecord, agent: AgentRecord) => Promise<unknown>> = {
      'when the router made it': (ports, task, agent) =>
        takeOffers(ports, { agent, tasks: [task], ...byRouter, start: true }),
      'when the agent claimed it out of its lane': (ports, _task, agent) =>
        claim(ports, agent, { limit: 1, start: true }),
    };
    test.each(Object.entries(takers))('%s', async (_who, take) => {
      const ports = new TestPorts(context);
      const agent = await ports.register('ada');
      const task = await ports.create();
      const late = repeatLater(context.edge, updates(`T#${task.id}`));
      await take(ports, task, agent);
      await ports.perform(releaseTask, { task_id: task.id, reason: 'busy', exclude: false }, 'ada');
      await late.happen();
      expect(await ports.task(task.id)).toMatchObject({ status: 'pending', attempt: 1 });
    });
  });

  test('that did not win its task is withdrawn', async () => {
    const ports = new TestPorts(context);
    const [ada, bob] = [await ports.register('ada'), await ports.register('bob')];
    const task = await ports.create();
    await takeOffers(ports, { agent: ada, tasks: [task], ...byRouter });
    const lost = await takeOffers(ports, { agent: bob, tasks: [task], ...byRouter });
    expect(lost).toMatchObject({ tasks: [], missed: [{ id: task.id, agentId: 'ada' }] });
    expect((await ports.agent('bob')).inbox).toEqual({});
  });

  test('older than 10 seconds no longer takes the task', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada');
    const task = await ports.create();
    afterCall(context.edge, updates('A#ada'), () => ports.clock.advance('11s'));
    const { tasks } = await takeOffers(ports, { agent, tasks: [task], ...byRouter });
    expect(tasks).toEqual([]);
    expect(await ports.task(task.id)).toMatchObject({ status: 'pending', attempt: 0 });
    expect((await ports.agent('ada')).inbox).toEqual({});
  });

  test('whose process was delayed while taking the task requeues it, since its slot may be gone', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada');
    const task = await ports.create();
    afterCall(context.edge, updates(`T#${task.id}`), () => ports.clock.advance('61s'));
    const { tasks } = await takeOffers(ports, { agent, tasks: [task], ...byRouter });
    expect(tasks).toEqual([]);
    expect(await ports.task(task.id)).toMatchObject({
      status: 'pending',
      excluded: empty,
      log: [{ cause: 'offer_expired' }],
    });
    expect((await ports.agent('ada')).inbox).toEqual({});
  });

  describe('left by a process that died', () => {
    test('is removed from the inbox by the next claim after a minute, not before', async () => {
      const ports = new TestPorts(context);
      const agent = await ports.register('ada', [], 1);
      const task = await ports.create();
      await ports.agents.offer(agent, toOffer(task.id));
      const work = { limit: 1, start: true };

      ports.clock.advance('60s');
      expect((await claim(ports, await ports.agent('ada'), work)).tasks).toEqual([]);
      ports.clock.advance(1);
      expect((await claim(ports, await ports.agent('ada'), work)).tasks).toMatchObject([
        { task_id: task.id, attempt: 1 },
      ]);
    });

    test('does not give the agent what another one has taken since', async () => {
      const ports = new TestPorts(context);
      const agent = await ports.register('ada', [], 1);
      await ports.register('bob');
      const task = await ports.create();
      await ports.agents.offer(agent, toOffer(task.id));
      const held = await ports.give(task, 'bob');
      for (const wait of ['0s', '61s']) {
        ports.clock.advance(wait);
        const work = { limit: 1, start: true, holding: [] };
        expect((await claim(ports, await ports.agent('ada'), work)).tasks).toEqual([]);
      }
      expect(await ports.agent('ada')).toMatchObject({ inbox: empty, completed: 0, failed: 0 });
      expect(await ports.task(task.id)).toEqual(held);
    });

    test('counts its outcome if the hold has begun and ended since', async () => {
      const ports = new TestPorts(context);
      await ports.register('ada', [], 1);
      const held = await ports.give(await ports.create(), 'ada');
      const completed = { status: 'completed', endedAt: ports.clock.now(), durationMs: 250 } as const;
      const guard = { is: 'run_by', agentId: 'ada', attempt: 1 } as const;
      await ports.tasks.apply(held.id, { guard, change: { set: completed } });

      await claim(ports, await ports.agent('ada'), { limit: 1, start: true });
      expect(await ports.agent('ada')).toMatchObject({ inbox: empty, completed: 1, durationMs: 250 });
    });
  });
});

describeOnEngine('the end of a hold', createMusterTables, (context) => {
  test('frees the slot and counts the outcome once, however often it is repeated', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada', ['python']);
    const token = await ports.offer(agent, 'task');
    const other = await ports.offer(agent, 'other');
    const outcome = { kind: 'completed', durationMs: 40 } as const;
    await Promise.all(
      Array.from({ length: 16 }, () =>
        ports.agents.freeSlot('ada', { taskId: 'task', token, outcome, requirements: ['python', 'web'] }),
      ),
    );
    expect(await ports.agent('ada')).toMatchObject({
      inbox: { other },
      completed: 1,
      durationMs: 40,
      successes: { python: 1, web: 1 },
    });
    await ports.agents.freeSlot('ada', {
      taskId: 'other',
      token: other,
      outcome: { kind: 'failed' },
      requirements: ['python'],
    });
    expect(await ports.agent('ada')).toMatchObject({ inbox: empty, completed: 1, failed: 1, failures: { python: 1 } });
  });

  test('never affects a later offer of the same task', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada');
    const token = await ports.offer(agent, 'task');
    await ports.agents.freeSlot('ada', { taskId: 'task', token: 'earlier', outcome: { kind: 'failed' } });
    expect(await ports.agent('ada')).toMatchObject({ inbox: { task: token }, failed: 0 });
  });

  test('changes nothing if the agent is gone', async () => {
    const ports = new TestPorts(context);
    await ports.agents.freeSlot('ada', { taskId: 'task', token: 'token', outcome: none }, ports.clock.now());
    expect(await ports.agents.get('ada')).toBeUndefined();
  });
});
