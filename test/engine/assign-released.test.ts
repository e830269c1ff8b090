import { describe, expect, test } from 'vitest';
import { awsError, type AwsCall } from '#local/edge/call.ts';
import type { TaskInput } from '#shared/contract/tasks.ts';
import type { HeldTask, TaskRecord } from '#shared/domain/task.ts';
import { requeue } from '#shared/domain/holding.ts';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { publishChanges } from '#shared/reactions/publish-changes.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { afterCall, beforeCall, repeatLater, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { taskChanges } from '../support/task-changes.ts';
import { hour, morning } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnEngine('complete_task with dependents for the router', createMusterTables, (context) => {
  const complete = (ports: TestPorts, { id }: Pick<TaskRecord, 'id'>) =>
    ports.perform(completeTask, { task_id: id, result: 'done' }, 'ada');
  const isTake = ({ body }: AwsCall) => JSON.stringify(body).includes('":pending":');
  const told = ({ sentWakeUps }: TestPorts) => sentWakeUps.map(({ wakeUp }) => wakeUp);

  /** An agent with one slot that runs a task, and the task's dependents. */
  async function chain(...dependents: Partial<TaskInput>[]) {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python', 'review'], 1);
    const held = await ports.give(await ports.create(), 'ada');
    const children: TaskRecord[] = [];
    for (const more of dependents)
      children.push(
        await ports.create({ dependencies: [held.id], requirements: ['python'], routing: 'auto', ...more }),
      );
    await ports.agents.profiles([await ports.agent('ada')]);
    ports.sentWakeUps.length = 0;
    return { ports, held, children: children.map(({ id }) => id), child: children[0]?.id ?? '' };
  }

  test('assigns one to the freed agent: from waiting to assigned in one write, without waking the router', async () => {
    const { ports, held, child } = await chain({});
    const written: string[] = [];
    context.edge.intercept((call: AwsCall, next) => {
      const key = call.body['Key'] as { pk: { S: string } } | undefined;
      if (call.action === 'UpdateItem') written.push(key?.pk.S ?? '');
      return next();
    });
    await complete(ports, held);
    expect(written.sort()).toEqual(['A#ada', 'A#ada', `T#${child}`, `T#${held.id}`].sort());
    const task = await ports.task(child);
    expect(task).toMatchObject({ status: 'assigned', agentId: 'ada', attempt: 1, done: [0], assignedBy: 'router' });
    expect(task).not.toHaveProperty('checkEveryMs');
    expect(await ports.agent('ada')).toMatchObject({ completed: 1, inbox: { [child]: (task as HeldTask).offer } });
    expect(told(ports)).toEqual([]);
  });

  test('assigns one to the freed agent even though the agents are read first', async () => {
    const { ports, held, child } = await chain({});
    const read = Promise.withResolvers<undefined>();
    afterCall(
      context.edge,
      ({ action, body }) => action === 'BatchGetItem' && JSON.stringify(body).includes('A#ada'),
      () => read.resolve(undefined),
    );
    beforeCall(context.edge, updates('A#ada'), () => read.promise);
    // This process does not know the agent's capabilities.
    await complete(ports.another(), held);
    expect(await ports.task(child)).toMatchObject({ status: 'assigned', agentId: 'ada' });
  });

  test('does not read the freed agent, since the write that frees its slot returns it', async () => {
    const { ports, held, child } = await chain({});
    let reads = 0;
    context.edge.intercept((call: AwsCall, next) => {
      if (call.action === 'BatchGetItem' && JSON.stringify(call.body).includes('A#ada')) reads += 1;
      return next();
    });
    await complete(ports, held);
    expect(await ports.task(child)).toMatchObject({ status: 'assigned', agentId: 'ada' });
    expect(reads).toBe(0);
  });

  describe('if the freed agent is as good as any when its slot is free', () => {
    /** The process that completes has given ada its task, and bob is free. */
    async function withBob() {
      const { ports, held, child } = await chain({});
      const reads: string[] = [];
      context.edge.intercept((call: AwsCall, next) => {
        if (call.action === 'BatchGetItem') reads.push(...(JSON.stringify(call.body).match(/A#\w+/g) ?? []));
        return next();
      });
      await ports.another().register('bob', ['python'], 1);
      reads.length = 0;
      return { ports, held, child, reads };
    }

    test('assigns one to it without reading the others', async () => {
      const { ports, held, child, reads } = await withBob();
      await complete(ports, held);
      expect(await ports.task(child)).toMatchObject({ status: 'assigned', agentId: 'ada' });
      expect(reads).toEqual([]);
    });

    test('but reads the others if it has failed since, for all that this process knows', async () => {
      const { ports, held, child, reads } = await withBob();
      const other = ports.another();
      for (let n = 0; n < 20; n += 1) await other.agents.record('ada', { kind: 'failed' }, ports.clock.now());
      await complete(ports, held);
      expect(await ports.task(child)).toMatchObject({ status: 'assigned', agentId: 'bob' });
      expect(reads).toEqual(['A#bob']);
    });

    test('but assigns one to another agent if it is draining', async () => {
      const { ports, held, child } = await withBob();
      await ports.another().agents.setState('ada', 'draining');
      await complete(ports, held);
      expect(await ports.task(child)).toMatchObject({ status: 'assigned', agentId: 'bob' });
    });

    test('but releases the dependent if the others cannot be read then', async () => {
      const { ports, held, child } = await withBob();
      await ports.another().agents.setState('ada', 'draining');
      context.edge.intercept((call, next) =>
        call.action === 'BatchGetItem' && JSON.stringify(call.body).includes('A#bob')
          ? Promise.resolve(awsError('ValidationException', 'No'))
          : next(),
      );
      await complete(ports, held);
      expect(await ports.task(child)).toMatchObject({ status: 'pending', done: [0] });
      expect(told(ports)).toEqual([{ task_id: child }]);
    });
  });

  test('assigns one to the freed agent even if it is not in the sample of capable agents', async () => {
    const ports = new TestPorts(context);
    await ports.register('bob', ['python'], 1);
    await ports.give(await ports.create(), 'bob');
    await ports.agents.capable(['python'], 12);
    // The sample is cached for a few seconds.
    await ports.another().register('ada', ['python'], 1);
    const held = await ports.give(await ports.create(), 'ada');
    const child = await ports.create({ dependencies: [held.id], requirements: ['python'], routing: 'auto' });
    await ports.agents.profiles([await ports.agent('ada')]);
    await complete(ports, held);
    expect(await ports.task(child.id)).toMatchObject({ status: 'assigned', agentId: 'ada' });
  });

  test('assigns each to a different agent, and releases those for which no agent is free', async () => {
    const { ports, held, children } = await chain({}, {}, {});
    await ports.register('bob', ['python'], 1);
    await complete(ports, held);
    const tasks = await ports.tasks.getMany(children);
    const holders = tasks.flatMap((task) => ('agentId' in task ? [task.agentId] : []));
    expect(holders.sort()).toEqual(['ada', 'bob']);
    const left = tasks.find(({ status }) => status === 'pending');
    expect(told(ports)).toEqual([{ task_id: left?.id }]);
  });

  test('assigns one to the best agent', async () => {
    const { ports, held, child } = await chain({});
    for (let n = 0; n < 20; n += 1) await ports.agents.record('ada', { kind: 'failed' }, ports.clock.now());
    await ports.register('bob', ['python'], 1);
    await complete(ports, held);
    expect(await ports.task(child)).toMatchObject({ status: 'assigned', agentId: 'bob' });
  });

  describe('leaves to the router', () => {
    const reasons: Record<string, Partial<TaskInput>> = {
      'a dependent that no agent can do': { requirements: ['rust'] },
      'a dependent that is not due': { not_before: new Date(morning + hour).toISOString() },
    };
    test.each(Object.entries(reasons))('%s', async (_what, more) => {
      const { ports, held, child } = await chain(more);
      await complete(ports, held);
      expect(await ports.task(child)).toMatchObject({ status: 'pending', done: [0] });
      expect(await ports.agent('ada')).toMatchObject({ completed: 1, inbox: {} });
    });

    test.each([
      ['that waits in its lane for longer', { requirements: ['python'] }],
      ['that is more urgent, in another lane of the agent', { requirements: ['review'], priority: 'high' as const }],
    ])('a dependent that should run after something %s', async (_what, before) => {
      const { ports, held, child } = await chain({});
      await ports.create({ ...before, routing: 'auto' });
      ports.clock.advance(6000);
      ports.sentWakeUps.length = 0;
      await complete(ports, held);
      expect(await ports.task(child)).toMatchObject({ status: 'pending', done: [0] });
      expect(told(ports)).toEqual([{ task_id: child }]);
    });

    test('dependents whose candidates cannot be read', async () => {
      const { ports, held, child } = await chain({});
      context.edge.intercept((call, next) =>
        call.action === 'Query' && JSON.stringify(call.body).includes('R#')
          ? Promise.resolve(awsError('ValidationException', 'No'))
          : next(),
      );
      await complete(ports, held);
      expect(await ports.task(child)).toMatchObject({ status: 'pending', done: [0] });
      expect(told(ports)).toEqual([{ task_id: child }]);
    });
  });

  test('leaves dependents not meant for the router to be claimed', async () => {
    const { ports, held, child } = await chain({ routing: 'manual' });
    await complete(ports, held);
    expect(await ports.task(child)).toMatchObject({ status: 'pending', done: [0] });
    expect(told(ports)).toEqual([]);
  });

  test('does not wait for concurrent routing of new tasks', async () => {
    const { ports, held, child } = await chain({});
    const other = await ports.create({ requirements: ['python'], routing: 'auto' });
    ports.clock.advance(1000);
    await complete(ports, held);
    expect(await ports.task(child)).toMatchObject({ status: 'assigned', agentId: 'ada' });
    expect(await ports.task(other.id)).toMatchObject({ status: 'pending' });
  });

  describe('when another process is faster', () => {
    test('assigns a dependent that was released meanwhile', async () => {
      const { ports, held, child } = await chain({});
      beforeCall(context.edge, updates(`T#${child}`), () =>
        releaseDependents(ports.another(), { id: held.id, status: 'completed' }),
      );
      await complete(ports, held);
      expect(await ports.task(child)).toMatchObject({ status: 'assigned', attempt: 1, agentId: 'ada' });
    });

    test('withdraws its offer of a dependent that another agent got', async () => {
      const { ports, held, child } = await chain({});
      beforeCall(context.edge, updates(`T#${child}`), () => ports.releaseAndGive(held.id, child, 'bob'));
      await complete(ports, held);
      expect(await ports.task(child)).toMatchObject({ status: 'running', attempt: 1, agentId: 'bob' });
      expect(await ports.agent('ada')).toMatchObject({ completed: 1, inbox: {} });
    });

    test('releases a dependent whose agent starts draining', async () => {
      const { ports, held, child } = await chain({});
      beforeCall(
        context.edge,
        ({ body }) => JSON.stringify(body).includes('inbox.#t0'),
        () => ports.another().agents.setState('ada', 'draining'),
      );
      await complete(ports, held);
      expect(await ports.agent('ada')).toMatchObject({ completed: 1, inbox: {} });
      expect(await ports.task(child)).toMatchObject({ status: 'pending' });
      expect(told(ports)).toEqual([{ task_id: child }]);
    });

    test('does not assign it twice if a delayed write arrives', async () => {
      const { ports, held, child } = await chain({});
      beforeCall(context.edge, updates(`T#${child}`), () =>
        releaseDependents(ports.another(), { id: held.id, status: 'completed' }),
      );
      const late = repeatLater(context.edge, (call) => updates(`T#${child}`)(call) && isTake(call));
      await complete(ports, held);
      const task = (await ports.task(child)) as HeldTask;
      const given = { cause: 'released', exclude: false } as const;
      await ports.tasks.apply(child, requeue(task, given, ports.clock.now(), ports.settings));
      await late.happen();
      expect(await ports.task(child)).toMatchObject({ status: 'pending', attempt: 1 });
    });
  });

  test('a repeat of the completion changes nothing', async () => {
    const { ports, held, child } = await chain({});
    await complete(ports, held);
    const before = [await ports.task(child), await ports.agent('ada')];
    await complete(ports, held);
    expect([await ports.task(child), await ports.agent('ada')]).toEqual(before);
  });

  test('leaves the dependent to the release if its process dies before taking it', async () => {
    const { ports, held, child } = await chain({});
    const restore = context.edge.intercept((call, next) => {
      if (updates(`T#${child}`)(call)) throw new Error('died');
      return next();
    });
    await expect(complete(ports, held)).resolves.toMatchObject({ status: 'completed' });
    restore();
    const changes = (await taskChanges(context, 4)).slice(-1);
    await publishChanges(ports.another(), { shardId: 'shard', changes });
    expect(ports.releases).toMatchObject([{ task_id: held.id }]);
    await releaseDependents(ports.another(), { id: held.id, status: 'completed' });
    expect(await ports.task(child)).toMatchObject({ status: 'pending' });
  });
});
