import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { awsError } from '#local/edge/call.ts';
import type { AwsCall } from '#local/edge/edge.ts';
import { agentKey } from '#shared/adapters/item-keys.ts';
import { limits } from '#shared/contract/limits.ts';
import { deregisterAgent } from '#shared/operations/agents/deregister-agent.ts';
import { failTask } from '#shared/operations/work/fail-task.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { TestPorts } from '../support/test-ports.ts';

const writesAgent = updates('A#ada');

/** Whether routing finds the agent with exactly these capabilities, by each of them and by none. */
async function expectFound(ports: TestPorts, id: string, capabilities: readonly string[]): Promise<void> {
  const agent = await ports.agent(id);
  const profile = (await ports.agents.profiles([agent])).get(id);
  expect(Object.keys(profile?.capabilities ?? {}).sort()).toEqual(capabilities.toSorted());
  for (const requirements of [[], ...capabilities.map((name) => [name]), capabilities]) {
    const { members } = await ports.agents.capable(requirements, 10);
    expect(members.find((member) => member.id === id)).toMatchObject({ version: agent.profileVersion });
  }
  expect((await ports.agents.list(undefined, 100, undefined)).items).toContain(id);
}

describeOnEngine('registering an agent', createMusterTables, (context) => {
  test('again replaces the declared capabilities and the maximum; track record and learned capabilities stay', async () => {
    const ports = new TestPorts(context);
    const first = await ports.register('ada', ['python', 'web'], 5);
    const token = await ports.offer(first, 'task');
    await ports.agents.record('ada', { kind: 'completed', durationMs: 10 }, ports.clock.now());
    await ports.agents.learn('ada', 'rust', 0.5);
    await ports.agents.setState('ada', 'draining');
    ports.clock.advance('1m');

    const again = await ports.register('ada', ['web', 'sql'], 3);
    expect(again).toMatchObject({
      ...first,
      state: 'draining',
      maximum: 3,
      inbox: { task: token },
      completed: 1,
      durationMs: 10,
      seenAt: ports.clock.now(),
      profileVersion: again.profileVersion,
    });
    await expectFound(ports.another(), 'ada', ['rust', 'sql', 'web']);
    expect((await ports.another().agents.capable(['python'], 10)).members).toEqual([]);
    const { capabilities } = (await ports.agents.profiles([again])).get('ada') ?? {};
    expect(capabilities).toMatchObject({
      web: { confidence: 1, source: 'declared' },
      rust: { confidence: 0.5, source: 'learned' },
    });
  });

  test('while others register, learn and change it leaves an agent that routing finds', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    const someone = () => ports.another().agents;
    await Promise.all([
      ...Array.from({ length: 4 }, () =>
        someone().register({ id: 'ada', capabilities: ['python', 'web'], maximum: 2 }, ports.clock.now()),
      ),
      ...['rust', 'sql', 'cuda'].map((name) => someone().learn('ada', name, 0.5)),
    ]);
    await expectFound(ports.another(), 'ada', ['cuda', 'python', 'rust', 'sql', 'web']);
  });

  test('overtaken by a newer registration changes nothing', async () => {
    const ports = new TestPorts(context);
    beforeCall(context.edge, writesAgent, () =>
      ports.another().agents.register({ id: 'ada', capabilities: ['sql'], maximum: 9 }, ports.clock.now()),
    );
    await ports.agents.register({ id: 'ada', capabilities: ['python'], maximum: 1 }, ports.clock.now());
    await expectFound(ports.another(), 'ada', ['sql']);
    expect(await ports.agent('ada')).toMatchObject({ maximum: 9 });
  });

  test('while it is being deregistered leaves an agent that routing finds, or none', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    ports.clock.advance(1);
    beforeCall(context.edge, writesAgent, () => ports.another().deregister('ada'));
    await ports.agents.register({ id: 'ada', capabilities: ['python', 'web'], maximum: 1 }, ports.clock.now());
    await expectFound(ports.another(), 'ada', ['python', 'web']);
  });

  test('is refused with more capabilities than an agent may have, including learned ones', async () => {
    const ports = new TestPorts(context);
    const many = Array.from({ length: limits.capabilities }, (_, n) => `skill-${n}`);
    await ports.register('ada', many);
    expect(await ports.agents.learn('ada', 'one-more', 1)).toBe('too_many');
    expect(await ports.agents.learn('ada', 'skill-0', 0.5)).toMatchObject({ id: 'ada' });
    const without = { id: 'ada', capabilities: many.slice(1), maximum: 1 };
    expect(await ports.agents.register(without, ports.clock.now())).toMatchObject({ id: 'ada' });
    expect(
      await ports.agents.register({ ...without, capabilities: [...many.slice(1), 'other'] }, ports.clock.now()),
    ).toBe('too_many');
  });
});

describeOnEngine('an agent that reports what is already stored', createMusterTables, (context) => {
  const skills = Array.from({ length: 30 }, (_, n) => `skill-${n}`);
  const writesOf = async (step: () => Promise<unknown>) => {
    const before = context.meter.snapshot();
    await step();
    const { writeUnits, failedConditions } = context.meter.since(before).total();
    return { writeUnits, failedConditions };
  };
  const once = { writeUnits: 1, failedConditions: 0 };

  test('costs one write, however much it reports', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', skills.slice(1));
    await ports.agents.learn('ada', 'skill-0', 0.5);
    const before = await ports.agent('ada');
    ports.clock.advance('1m');
    const another = ports.another();
    expect(await writesOf(() => another.register('ada', skills.slice(1).toReversed(), 9))).toEqual(once);
    expect(await ports.agent('ada')).toEqual({ ...before, maximum: 9, seenAt: ports.clock.now() });
    ports.clock.advance('1m');
    expect(await writesOf(() => another.agents.learn('ada', 'skill-0', 0.5))).toEqual(once);
    expect(await ports.agent('ada')).toEqual({ ...before, maximum: 9, seenAt: ports.clock.now() });
  });

  test('is written if only a confidence or the metadata differs', async () => {
    const ports = new TestPorts(context);
    const ada = { id: 'ada', capabilities: ['python'], maximum: 1, metadata: { host: 'one' } };
    const profile = async () => (await ports.another().agents.profiles([await ports.agent('ada')])).get('ada');
    await ports.agents.register(ada, ports.clock.now());
    await ports.agents.register({ ...ada, metadata: { host: 'two' } }, ports.clock.now());
    expect(await profile()).toMatchObject({ metadata: { host: 'two' } });
    await ports.agents.learn('ada', 'python', 1);
    await ports.agents.learn('ada', 'python', 0.5);
    expect(await profile()).toMatchObject({ capabilities: { python: { confidence: 0.5, source: 'learned' } } });
    await ports.agents.register({ id: 'ada', capabilities: ['python'], maximum: 1 }, ports.clock.now());
    expect(await profile()).toEqual({
      id: 'ada',
      version: (await ports.agent('ada')).profileVersion,
      capabilities: { python: { confidence: 1, source: 'declared' } },
    });
  });

  test('is brought back if it has left, is leaving, or was dropped from routing', async () => {
    const ports = new TestPorts(context);
    const sameAgain = () => ports.register('ada', ['python']);
    await sameAgain();
    await ports.agents.leave('ada');
    expect(await writesOf(sameAgain)).toEqual(once);
    expect(await ports.agent('ada')).toMatchObject({ state: 'active' });

    await ports.agents.beginLeaving('ada', ports.clock.now());
    expect(await sameAgain()).toMatchObject({ state: 'active' });
    await expectFound(ports.another(), 'ada', ['python']);

    for (const again of [sameAgain, () => ports.agents.learn('ada', 'python', 0.5)]) {
      await ports.agents.learn('ada', 'python', 0.5);
      ports.clock.advance('2h');
      for (let part = 0; part < 16; part += 1) await ports.agents.review(ports.clock.now() + part * 60_000);
      expect((await ports.another().agents.capable(['python'], 10)).members).toEqual([]);
      await again();
      await expectFound(ports.another(), 'ada', ['python']);
    }
  });

  test('is written again if the previous writer died before routing could find it', async () => {
    const ports = new TestPorts(context);
    const dies = (matches: (call: AwsCall) => boolean) =>
      context.edge.intercept((call, next) =>
        matches(call) ? Promise.resolve(awsError('AccessDeniedException', 'The process has died.')) : next(),
      );
    const writesMembership = ({ action, body }: AwsCall) =>
      action === 'PutItem' && JSON.stringify(body).includes('"C#');
    for (const matches of [writesMembership, writesAgent]) {
      for (const [n, step] of [
        () => ports.agents.learn('ada', 'rust', 1),
        () => ports.agents.register({ id: 'ada', capabilities: ['python', 'sql'], maximum: 1 }, ports.clock.now()),
      ].entries()) {
        await ports.register('ada', ['python']);
        const recover = dies(matches);
        await expect(step()).rejects.toThrow('died');
        recover();
        await step();
        await expectFound(ports.another(), 'ada', n === 0 ? ['python', 'rust'] : ['python', 'rust', 'sql']);
      }
    }
  });

  test('is written again if it is being removed meanwhile', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    ports.clock.advance(1);
    beforeCall(context.edge, writesAgent, () => ports.another().deregister('ada'));
    await ports.register('ada', ['python']);
    await expectFound(ports.another(), 'ada', ['python']);

    const leaving = await ports.agents.beginLeaving('ada', ports.clock.now());
    ports.clock.advance(1);
    beforeCall(
      context.edge,
      ({ action }) => action === 'DeleteItem',
      () => ports.another().register('ada', ['python']),
    );
    expect(leaving && (await ports.agents.remove(leaving))).toBe(false);
    await expectFound(ports.another(), 'ada', ['python']);
  });
});

describeOnEngine('deregistering', createMusterTables, (context) => {
  test('removes every trace of the agent', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    expect(await ports.deregister('ada')).toBe(true);
    expect(await ports.deregister('ada')).toBe(false);
    expect(await ports.agents.get('ada')).toBeUndefined();
    const other = ports.another().agents;
    expect((await other.capable(['python'], 10)).members).toEqual([]);
    expect((await other.capable([], 10)).members).toEqual([]);
    expect((await other.list(undefined, 10, undefined)).items).toEqual([]);
  });

  test('removes the agent even while it learns', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    const removesProfile = ({ action }: { action: string }) => action === 'DeleteItem';
    beforeCall(context.edge, removesProfile, () => ports.another().agents.learn('ada', 'rust', 1));
    expect(await ports.perform(deregisterAgent, { agent_id: 'ada' })).toMatchObject({ deregistered: true });
    expect(await ports.agents.get('ada')).toBeUndefined();
    expect((await ports.another().agents.capable([], 10)).members).toEqual([]);
  });

  test('before a learned capability is written leaves no agent, not one with too many capabilities', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    const writesProfile = ({ action }: { action: string }) => action === 'PutItem';
    beforeCall(context.edge, writesProfile, () => ports.another().deregister('ada'));
    expect(await ports.agents.learn('ada', 'rust', 1)).toBe('no_agent');
    expect(await ports.agents.get('ada')).toBeUndefined();
  });

  test('leaves nothing that learning, outcomes or heartbeats could bring back', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada');
    await ports.deregister('ada');
    ports.clock.advance('1h');
    const now = ports.clock.now();
    expect(await ports.agents.learn('ada', 'rust', 1)).toBe('no_agent');
    expect(await ports.agents.record('ada', { kind: 'failed' }, now)).toBeUndefined();
    expect(await ports.agents.setState('ada', 'draining')).toBeUndefined();
    await ports.agents.seen(agent, now);
    await ports.agents.markUnseen('ada', now, now);
    expect(await ports.agents.get('ada')).toBeUndefined();
    expect((await ports.another().agents.capable([], 10)).members).toEqual([]);
    expect(await ports.register('ada')).toMatchObject({ state: 'active', completed: 0, failed: 0 });
  });
});

describeOnEngine('last seen', createMusterTables, (context) => {
  test('is written at most every 30 seconds, and never goes back', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada');
    const registered = ports.clock.now();
    await ports.agents.seen(agent, registered + 29_999);
    expect((await ports.agent('ada')).seenAt).toBe(registered);
    await ports.agents.seen(agent, registered + 60_000);
    await ports.agents.seen(agent, registered + 30_000);
    expect((await ports.agent('ada')).seenAt).toBe(registered + 60_000);
  });

  test('makes an agent stale unless it was seen in the meantime', async () => {
    const ports = new TestPorts(context);
    const { seenAt } = await ports.register('ada');
    await ports.agents.markUnseen('ada', seenAt + 1, seenAt + 2);
    expect((await ports.agent('ada')).seenAt).toBe(seenAt);
    await ports.agents.markUnseen('ada', seenAt - 240_000, seenAt);
    expect((await ports.agent('ada')).seenAt).toBe(seenAt - 240_000);
  });
});

describeOnEngine('an outcome of work outside the queue', createMusterTables, (context) => {
  test('is counted once if its response was lost and the write is repeated', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const restore = context.edge.intercept(async (call, next) => {
      if (!writesAgent(call)) return next();
      restore();
      await next();
      return next();
    });
    const recorded = await ports.agents.record('ada', { kind: 'completed', durationMs: 5 }, ports.clock.now());
    expect(recorded).toMatchObject({ completed: 1, durationMs: 5 });
    await ports.agents.record('ada', { kind: 'failed' }, ports.clock.now());
    expect(await ports.agent('ada')).toMatchObject({ completed: 1, failed: 1, durationMs: 5 });
  });

  test('is counted once even with other reports between a write and its repeat, which expire in time', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const report = (by = ports.another()) => by.agents.record('ada', { kind: 'failed' }, ports.clock.now());
    const restore = context.edge.intercept(async (call, next) => {
      if (!writesAgent(call)) return next();
      restore();
      await next();
      for (let n = 0; n < 10; n += 1) await report();
      return next();
    });
    expect(await report(ports)).toMatchObject({ failed: 11 });
    expect(await ports.agent('ada')).toMatchObject({ failed: 11 });

    ports.clock.advance('61s');
    await report();
    const { documentClient, tables } = context;
    const { Item } = await documentClient.send(new GetCommand({ TableName: tables.agents, Key: agentKey('ada') }));
    expect([...(Item?.['records'] as Set<string>)]).toHaveLength(1);
  });
});

describeOnEngine('the evidence for capabilities', createMusterTables, (context) => {
  const evidenceOf = async (ports: TestPorts) => Object.keys((await ports.agent('ada')).failures).sort();
  const fail = async (ports: TestPorts, requirements: string[]) => {
    const { id } = await ports.give(await ports.create({ requirements }), 'ada');
    await ports.perform(failTask, { task_id: id, error: 'no', should_retry: false });
  };

  test('is removed with the capability, and stays for kept and learned ones', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python', 'sql']);
    await ports.agents.learn('ada', 'rust', 1);
    await fail(ports, ['python', 'rust', 'sql']);
    expect(await evidenceOf(ports)).toEqual(['python', 'rust', 'sql']);
    await ports.register('ada', ['sql']);
    expect(await evidenceOf(ports)).toEqual(['rust', 'sql']);
  });

  test('is bounded for capabilities the agent never had, even if it was assigned tasks that require them', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    for (let n = 0; n < 6; n += 1) {
      await fail(ports, ['python', ...Array.from({ length: 18 }, (_, k) => `foreign-${n}-${k}`)]);
    }
    expect(await evidenceOf(ports)).toEqual(['python']);
  });
});
