import { describe, expect, test } from 'vitest';
import type { AwsCall } from '#local/edge/edge.ts';
import type { TaskInput } from '#shared/contract/tasks.ts';
import type { HeldTask, TaskRecord } from '#shared/domain/task.ts';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { publishChanges } from '#shared/reactions/publish-changes.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, loseAnswer, repeatCall, repeatLater, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { taskChanges } from '../support/task-changes.ts';
import { hour, morning } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

type Completed = { status: string; claimed: { task_id: string; attempt: number; dependency_results: object }[] };

describeOnEngine('complete_task with claim_next', createMusterTables, (context) => {
  const complete = async (ports: TestPorts, { id }: HeldTask, more: object = {}) =>
    (await ports.perform(completeTask, { task_id: id, result: 'done', claim_next: 1, ...more }, 'ada')) as Completed;
  const idsOf = ({ claimed }: Completed) => claimed.map(({ task_id }) => task_id);

  /** An agent with one slot that runs a task, and the task's dependents. */
  async function chain(...dependents: Partial<TaskInput>[]) {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python'], 1);
    const held = await ports.give(await ports.create(), 'ada');
    const children: TaskRecord[] = [];
    for (const more of dependents) children.push(await ports.create({ dependencies: [held.id], ...more }));
    return { ports, held, children: children.map(({ id }) => id), child: children[0]?.id ?? '' };
  }

  /** The keys of everything written by a function. */
  async function writesDuring(work: () => Promise<unknown>): Promise<string[]> {
    const keys: string[] = [];
    const restore = context.edge.intercept((call: AwsCall, next) => {
      const key = call.body['Key'] as { pk: { S: string } } | undefined;
      if (call.action === 'UpdateItem') keys.push(key?.pk.S ?? '');
      return next();
    });
    await work();
    restore();
    return keys.sort();
  }

  test('takes a dependent from waiting to running in one write, and both slots in another', async () => {
    const { ports, held, child } = await chain({});
    let completed: Completed | undefined;
    const written = await writesDuring(async () => {
      completed = await complete(ports, held);
    });
    expect(written).toEqual(['A#ada', `T#${child}`, `T#${held.id}`].sort());
    expect(completed?.claimed).toMatchObject([
      { task_id: child, status: 'running', attempt: 1, dependency_results: { [held.id]: { result: 'done' } } },
    ]);
    const task = await ports.task(child);
    expect(task).toMatchObject({ status: 'running', agentId: 'ada', attempt: 1, done: [0], assignedBy: 'claim' });
    expect(task).not.toHaveProperty('checkEveryMs');
    expect(await ports.agent('ada')).toMatchObject({ completed: 1, inbox: { [child]: (task as HeldTask).offer } });
    expect(ports.sentWakeUps).toEqual([]);
  });

  test('reads the agent only if it was last offered something more than five seconds ago', async () => {
    const readsOfAgent = async (laterMs: number) => {
      const { ports, held } = await chain();
      ports.clock.advance(laterMs);
      const isRead = ({ action, body }: AwsCall) => action === 'BatchGetItem' && JSON.stringify(body).includes('A#ada');
      let reads = 0;
      const restore = context.edge.intercept((call, next) => {
        if (isRead(call)) reads += 1;
        return next();
      });
      await complete(ports, held);
      restore();
      return reads;
    };
    expect(await readsOfAgent(4_999)).toBe(0);
    expect(await readsOfAgent(5_000)).toBe(1);
  });

  test('returns a long result stored separately without reading it', async () => {
    const { ports, held, child } = await chain({});
    const result = 'long '.repeat(100);
    expect((await complete(ports, held, { result })).claimed).toMatchObject([
      { task_id: child, dependency_results: { [held.id]: { status: 'completed', result } } },
    ]);
  });

  describe('prefers', () => {
    test('more urgent tasks in the lanes, and releases the dependent', async () => {
      const { ports, held, child } = await chain({ priority: 'low' });
      const urgent = await ports.create({ priority: 'high' });
      expect(idsOf(await complete(ports, held))).toEqual([urgent.id]);
      expect(await ports.task(child)).toMatchObject({ status: 'pending' });
    });

    test.each([
      { taken: 'the dependent', ms: 4_999 },
      { taken: 'the other', ms: 5_001 },
    ])('$taken when another task has waited $ms ms', async ({ taken, ms }) => {
      const { ports, held, child } = await chain({});
      const other = await ports.create();
      ports.clock.advance(ms);
      expect(idsOf(await complete(ports, held))).toEqual([taken === 'the other' ? other.id : child]);
    });

    test('the most urgent dependent, and releases the others', async () => {
      const { ports, held, children } = await chain({ priority: 'low' }, { priority: 'critical' }, {});
      expect(idsOf(await complete(ports, held))).toEqual([children[1]]);
      expect((await ports.tasks.getMany(children)).map(({ status }) => status)).toEqual([
        'pending',
        'running',
        'pending',
      ]);
    });

    test('what was already assigned to the agent', async () => {
      const { ports, held, child } = await chain({});
      await ports.register('ada', ['python'], 2);
      const assigned = await ports.give(await ports.create(), 'ada', false);
      expect(idsOf(await complete(ports, held))).toEqual([assigned.id]);
      expect(await ports.task(child)).toMatchObject({ status: 'pending' });
      expect(await ports.agent('ada')).toMatchObject({ completed: 1, inbox: { [assigned.id]: assigned.offer } });
    });
  });

  describe('does not take a dependent', () => {
    const reasons: Record<string, { child: Partial<TaskInput>; asked?: object; status: string }> = {
      'that the agent cannot do': { child: { requirements: ['rust'] }, status: 'pending' },
      'of another type than the agent requests': {
        child: { task_type: 'review' },
        asked: { task_types: ['build'] },
        status: 'pending',
      },
      'before its time': { child: { not_before: new Date(morning + hour).toISOString() }, status: 'pending' },
    };
    test.each(Object.entries(reasons))('%s', async (_what, { child: more, asked, status }) => {
      const { ports, held, child } = await chain(more);
      expect(idsOf(await complete(ports, held, asked))).toEqual([]);
      expect(await ports.task(child)).toMatchObject({ status, done: [0] });
      expect(await ports.agent('ada')).toMatchObject({ completed: 1, inbox: {} });
    });

    test('that also waits for another task', async () => {
      const { ports, held } = await chain();
      const other = await ports.create({ requirements: ['rust'] });
      const child = await ports.create({ dependencies: [held.id, other.id] });
      expect(idsOf(await complete(ports, held))).toEqual([]);
      expect(await ports.task(child.id)).toMatchObject({ status: 'waiting', done: [0] });
    });
  });

  test('takes a dependent of a type that the agent requests', async () => {
    const { ports, held, child } = await chain({ task_type: 'build' });
    expect(idsOf(await complete(ports, held, { task_types: ['build'] }))).toEqual([child]);
  });

  describe('when another process is faster', () => {
    test('takes a dependent that was released meanwhile', async () => {
      const { ports, held, child } = await chain({});
      beforeCall(context.edge, updates(`T#${child}`), () =>
        releaseDependents(ports.another(), { id: held.id, status: 'completed' }),
      );
      expect(idsOf(await complete(ports, held))).toEqual([child]);
      expect(await ports.task(child)).toMatchObject({ status: 'running', attempt: 1, agentId: 'ada' });
    });

    test('withdraws its offer of a dependent that another agent got', async () => {
      const { ports, held, child } = await chain({});
      beforeCall(context.edge, updates(`T#${child}`), () => ports.releaseAndGive(held.id, child, 'bob'));
      expect(idsOf(await complete(ports, held))).toEqual([]);
      expect(await ports.task(child)).toMatchObject({ status: 'running', attempt: 1, agentId: 'bob' });
      expect(await ports.agent('ada')).toMatchObject({ completed: 1, inbox: {} });
    });

    test('gets work even if the stream consumer has freed the slot, and the outcome counts once', async () => {
      const { ports, held, child } = await chain({});
      beforeCall(context.edge, updates('A#ada'), async () => {
        const changes = (await taskChanges(context, 4)).slice(-1);
        await publishChanges(ports.another(), { shardId: 'shard', changes });
      });
      const completed = await complete(ports, held);
      expect(idsOf(completed)).toEqual([child]);
      expect(await ports.agent('ada')).toMatchObject({
        completed: 1,
        inbox: { [child]: expect.any(String) as string },
      });
    });

    test('frees the slot and takes nothing if the agent starts draining', async () => {
      const { ports, held, child } = await chain({});
      beforeCall(context.edge, updates('A#ada'), () => ports.another().agents.setState('ada', 'draining'));
      expect(idsOf(await complete(ports, held))).toEqual([]);
      expect(await ports.agent('ada')).toMatchObject({ completed: 1, inbox: {} });
      expect(await ports.task(child)).toMatchObject({ status: 'pending' });
    });

    test('does not exceed the maximum if the agent has just lowered it', async () => {
      const { ports, held, child } = await chain({});
      await ports.register('ada', ['python'], 2);
      const other = await ports.give(await ports.create(), 'ada');
      beforeCall(context.edge, updates('A#ada'), () => ports.another().register('ada', ['python'], 1));
      const holding = [{ task_id: other.id, attempt: 1, hold: other.offer }];
      expect(idsOf(await complete(ports, held, { holding }))).toEqual([]);
      expect(Object.keys((await ports.agent('ada')).inbox)).toEqual([other.id]);
      expect(await ports.task(child)).toMatchObject({ status: 'pending' });
    });
  });

  describe('when a response is lost', () => {
    test.each(['agent', 'dependent'])('to the write of the %s, it detects that the write succeeded', async (which) => {
      const { ports, held, child } = await chain({});
      // The client in tests retries only offers.
      if (which === 'agent') loseAnswer(context.edge, updates('A#ada'));
      else repeatCall(context.edge, updates(`T#${child}`));
      expect(idsOf(await complete(ports, held))).toEqual([child]);
      expect(await ports.task(child)).toMatchObject({ status: 'running', attempt: 1 });
      const agent = await ports.agent('ada');
      expect(agent).toMatchObject({ completed: 1 });
      expect(Object.keys(agent.inbox)).toEqual([child]);
    });

    test('to the completion, the agent gets the same dependent again', async () => {
      const { ports, held, child } = await chain({});
      await complete(ports, held);
      const again = await complete(ports, held, { holding: [] });
      expect(again.claimed).toMatchObject([{ task_id: child, attempt: 1 }]);
      expect(await ports.agent('ada')).toMatchObject({ completed: 1 });
    });

    test('and a delayed write arrives, it changes nothing', async () => {
      const { ports, held, child } = await chain({});
      const late = repeatLater(context.edge, updates('A#ada'));
      await complete(ports, held);
      const before = await ports.agent('ada');
      await late.happen();
      expect(await ports.agent('ada')).toEqual(before);
      expect(await ports.task(child)).toMatchObject({ status: 'running' });
    });
  });

  test('leaves the dependent to the release if its process dies before taking it', async () => {
    const { ports, held, child } = await chain({});
    const restore = context.edge.intercept((call, next) => {
      if (updates(`T#${child}`)(call)) throw new Error('died');
      return next();
    });
    await expect(complete(ports, held)).rejects.toThrow();
    restore();
    const changes = (await taskChanges(context, 4)).slice(-1);
    await publishChanges(ports.another(), { shardId: 'shard', changes });
    expect(ports.releases).toMatchObject([{ task_id: held.id }]);
    await releaseDependents(ports.another(), { id: held.id, status: 'completed' });
    expect(await ports.task(child)).toMatchObject({ status: 'pending' });
  });
});
