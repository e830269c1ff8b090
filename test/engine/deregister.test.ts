import { describe, expect, test } from 'vitest';
import { awsError } from '#local/edge/call.ts';
import type { AwsCall } from '#local/edge/edge.ts';
import { take } from '#shared/domain/holding.ts';
import { deregisterAgent } from '#shared/operations/agents/deregister-agent.ts';
import { resumeAgent } from '#shared/operations/agents/resume-agent.ts';
import { assignTask } from '#shared/operations/work/assign-task.ts';
import { heartbeatTask } from '#shared/operations/work/heartbeat-task.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { empty, toOffer } from '../support/tasks.ts';
import { refusalCode, TestPorts } from '../support/test-ports.ts';

describeOnEngine('deregistering an agent', createMusterTables, (context) => {
  const deregister = (ports: TestPorts) => ports.perform(deregisterAgent, { agent_id: 'ada' });
  const expectGone = async (ports: TestPorts) => {
    expect(await ports.agents.get('ada')).toBeUndefined();
    const other = ports.another().agents;
    expect((await other.capable(['python'], 10)).members).toEqual([]);
    expect((await other.capable([], 10)).members).toEqual([]);
    expect((await other.list(undefined, 10, undefined)).items).toEqual([]);
  };

  test('requeues a task whose lease a heartbeat extends at that moment', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    const { id } = await ports.give(await ports.create(), 'ada');
    ports.clock.advance('1m');
    beforeCall(context.edge, updates(id), () =>
      ports.another().perform(heartbeatTask, { task_id: id, attempt: 1 }, 'ada'),
    );
    expect(await deregister(ports)).toEqual({ agent_id: 'ada', deregistered: true, requeued: [id] });
    expect(await ports.task(id)).toMatchObject({ status: 'pending', log: [{ cause: 'deregistered' }] });
    await expectGone(ports);
  });

  describe('is finished by a repeat if its process died', () => {
    const deletes =
      (key: string) =>
      ({ action, body }: AwsCall) =>
        action === 'DeleteItem' && JSON.stringify(body['Key']).includes(key);
    const steps: Record<string, (call: AwsCall) => boolean> = {
      'before it had requeued a task': ({ action, body }) =>
        action === 'UpdateItem' && JSON.stringify(body['Key']).includes('"T#'),
      'before it had freed a slot': ({ body }) => String(body['UpdateExpression']).startsWith('REMOVE inbox'),
      'before it had removed the memberships': deletes('"C#'),
      'before it had removed the profile': deletes('"P"'),
      'before it had removed the agent': deletes('"sk":{"S":"A"}'),
    };

    test.each(Object.keys(steps))('%s', async (name) => {
      const ports = new TestPorts(context);
      await ports.register('ada', ['python']);
      const { id } = await ports.give(await ports.create(), 'ada');
      const recover = context.edge.intercept((call, next) =>
        steps[name]?.(call) ? Promise.resolve(awsError('AccessDeniedException', 'It has died.')) : next(),
      );
      await expect(deregister(ports)).rejects.toThrow('died');
      recover();
      expect(await ports.agent('ada')).toMatchObject({ state: 'leaving' });
      const isFreed = Object.keys((await ports.agent('ada')).inbox).length === 0;
      const requeued = isFreed ? [] : [id];
      expect(await deregister(ports.another())).toEqual({ agent_id: 'ada', deregistered: true, requeued });
      expect(await ports.task(id)).toMatchObject({ status: 'pending', attempt: 1 });
      await expectGone(ports);
      expect(await deregister(ports)).toEqual({ agent_id: 'ada', deregistered: false, requeued: [] });
    });
  });

  describe('while an offer may still become a hold', () => {
    const leaving = { agent_id: 'ada', deregistered: false, state: 'leaving', requeued: [] };
    const offered = async (ports: TestPorts) => {
      const agent = await ports.register('ada', ['python']);
      const { id } = await ports.create();
      await ports.agents.offer(agent, toOffer(id));
      expect(await deregister(ports)).toEqual(leaving);
      return id;
    };

    test('leaves it leaving: it gets nothing new and is not resumed; after 15 s a repeat removes it', async () => {
      const ports = new TestPorts(context);
      await offered(ports);
      const other = await ports.create();
      expect(await refusalCode(ports.perform(assignTask, { task_id: other.id, agent_id: 'ada' }))).toBe(
        'agent_draining',
      );
      expect(await ports.perform(resumeAgent, { agent_id: 'ada' })).toMatchObject({ state: 'leaving' });
      ports.clock.advance('15s');
      expect(await deregister(ports)).toEqual(leaving);
      ports.clock.advance(1);
      expect(await deregister(ports)).toMatchObject({ deregistered: true });
      await expectGone(ports);
    });

    test('leaves it leaving, and the sweep removes it and requeues what it was given after all', async () => {
      const ports = new TestPorts(context);
      const id = await offered(ports);
      const token = (await ports.agent('ada')).inbox[id] ?? '';
      const offer = { agentId: 'ada', token, by: 'router', start: true } as const;
      const { task } = await ports.tasks.apply(
        id,
        take({ timeoutMs: 300_000 }, offer, ports.clock.now(), ports.settings),
      );
      expect(task).toMatchObject({ status: 'running' });
      expect(await sweep(ports, () => true)).toEqual([]);
      expect(await ports.task(id)).toMatchObject({ status: 'pending', log: [{ cause: 'deregistered' }] });
      await expectGone(ports);
    });

    test('is ended by registering again: it keeps what it holds, and a late removal does nothing', async () => {
      const ports = new TestPorts(context);
      const id = await offered(ports);
      const read = await ports.agent('ada');
      ports.clock.advance('16s');
      const again = await ports.register('ada', ['python'], 1);
      expect(again).toMatchObject({ state: 'active', inbox: read.inbox });
      expect(await ports.another().agents.remove(read)).toBe(false);
      expect(Object.keys((await ports.agent('ada')).inbox)).toEqual([id]);
      const other = await ports.create();
      expect(await refusalCode(ports.perform(assignTask, { task_id: other.id, agent_id: 'ada' }))).toBe(
        'agent_at_capacity',
      );
    });
  });

  test('removes no agent that holds something', async () => {
    const ports = new TestPorts(context);
    await ports.give(await ports.create(), (await ports.register('ada')).id);
    const leaving = await ports.agents.beginLeaving('ada', ports.clock.now());
    expect(leaving && (await ports.agents.remove(leaving))).toBe(false);
    expect(await ports.agent('ada')).toMatchObject({ state: 'leaving' });
  });

  test('that was ended by registering does not end a later one', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    const first = await ports.agents.beginLeaving('ada', ports.clock.now());
    const removesAgent = ({ action, body }: AwsCall) =>
      action === 'DeleteItem' && JSON.stringify(body['Key']).includes('"sk":{"S":"A"}');
    beforeCall(context.edge, removesAgent, async () => {
      ports.clock.advance('1s');
      await ports.register('ada', ['rust']);
      await ports.another().agents.beginLeaving('ada', ports.clock.now());
    });
    expect(first && (await ports.agents.remove(first))).toBe(false);
    expect(await ports.agent('ada')).toMatchObject({ state: 'leaving', leavingSince: ports.clock.now() });
  });

  test('by the sweep comes 30 days after it was last seen, if it holds nothing', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    const bob = await ports.register('bob', ['python']);
    await ports.agents.offer(bob, toOffer('task'));
    await ports.agents.leave('ada');
    ports.clock.advance('720h');
    expect(await sweep(ports, () => true)).toEqual([]);
    expect(await ports.agent('ada')).toMatchObject({ state: 'left', inbox: empty });
    ports.clock.advance(1);
    beforeCall(context.edge, updates('A#ada'), () =>
      ports.another().agents.record('ada', { kind: 'failed' }, ports.clock.now()),
    );
    expect(await sweep(ports, () => true)).toEqual([]);
    expect(await ports.agent('ada')).toMatchObject({ state: 'left' });
    ports.clock.advance('721h');
    expect(await sweep(ports, () => true)).toEqual([]);
    expect(await ports.agents.get('ada')).toBeUndefined();
    expect(await ports.agent('bob')).toMatchObject({ id: 'bob' });
  });

  test('in turn visits every agent, some per call, and starts over', async () => {
    const ports = new TestPorts(context);
    const ids = ['ada', 'bob', 'carl'];
    for (const id of ids) await ports.register(id);
    const visited: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      const turn = await ports.another().agents.nextInTurn(2);
      expect(turn).toMatchObject({ carried: n % 2 === 0 ? undefined : 'first page', isLast: n % 2 === 1 });
      visited.push(...turn.items.map(({ id }) => id));
      await turn.advance('first page');
    }
    expect(visited).toEqual([...ids, ...ids]);
  });
});
