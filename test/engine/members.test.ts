import { describe, expect, test } from 'vitest';
import { describeOnEngine } from '../support/dynamodb.ts';
import { awsError } from '#local/edge/call.ts';
import type { AwsCall } from '#local/edge/edge.ts';
import type { AgentRecord } from '#shared/domain/agent.ts';
import { claimTasks } from '#shared/operations/work/claim-tasks.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { toOffer } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnEngine('a sample of capable agents', createMusterTables, (context) => {
  const register = (ports: TestPorts, ids: readonly string[], capabilities: readonly string[]) =>
    Promise.all(ids.map((id) => ports.register(id, capabilities)));
  const named = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

  test('includes all of them if they are few', async () => {
    const ports = new TestPorts(context);
    await register(ports, named('web', 5), ['web', 'python']);
    await register(ports, named('sql', 5), ['sql', 'python']);
    await register(ports, ['html'], ['web']);
    const { members, isWhole } = await ports.agents.capable(['web', 'python'], 3);
    expect(isWhole).toBe(true);
    expect(members.map(({ id }) => id).sort()).toEqual(named('web', 5));
    expect((await ports.agents.capable([], 3)).members).toHaveLength(11);
    expect((await ports.agents.capable(['cobol'], 3)).members).toEqual([]);
  });

  describe('of many', () => {
    test('is bounded, has each agent once, uses the rarest requirement, and excludes none permanently', async () => {
      const ports = new TestPorts(context);
      await register(ports, named('many', 40), ['python']);
      await register(ports, named('few', 3), ['python', 'cuda']);
      const rare = await ports.agents.capable(['python', 'cuda'], 1);
      expect(rare).toMatchObject({ isWhole: true });
      expect(rare.members.map(({ id }) => id).sort()).toEqual(named('few', 3));

      const seen = new Set<string>();
      for (let n = 0; n < 500 && seen.size < 43; n += 1) {
        const { members, isWhole } = await ports.another().agents.capable(['python'], 10);
        expect(isWhole).toBe(false);
        expect(new Set(members.map(({ id }) => id)).size).toBe(members.length);
        expect(members.length).toBeLessThanOrEqual(12);
        for (const { id } of members) seen.add(id);
      }
      expect(seen.size).toBe(43);
    });
  });

  test('is cached for 5 seconds, except by the process that changes it', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    const count = async (process: TestPorts, which?: 'first' | 'fresh') =>
      (await process.agents.capable(['python'], 10, which)).members.length;
    const other = ports.another();
    expect([await count(ports), await count(other)]).toEqual([1, 1]);
    await ports.register('bob', ['python']);
    expect([await count(ports), await count(other)]).toEqual([2, 1]);
    expect([await count(other, 'first'), await count(other, 'fresh')]).toEqual([2, 2]);
    await ports.register('carl', ['python']);
    ports.clock.advance('5s');
    expect(await count(other)).toBe(3);
  });
});

describeOnEngine('dropping an agent from routing after an hour', createMusterTables, (context) => {
  const known = async (ports: TestPorts) =>
    (await ports.another().agents.capable(['python'], 10)).members.map(({ id }) => id).sort();
  const reviewAll = async (ports: TestPorts) => {
    for (let part = 0; part < 16; part += 1) await ports.agents.review(ports.clock.now() + part * 60_000);
  };

  test('lasts until the agent is seen again', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada', ['python']);
    const [bob, carl] = [await ports.register('bob', ['python']), await ports.register('carl', ['python'])];
    ports.clock.advance('25m');
    await ports.agents.seen(bob, ports.clock.now());
    ports.clock.advance('25m');
    await ports.agents.seen(carl, ports.clock.now());
    ports.clock.advance('11m');
    await reviewAll(ports);
    expect(await known(ports)).toEqual(['bob', 'carl']);
    expect(await ports.agents.get('ada')).toMatchObject(agent);

    await ports.agents.seen(agent, ports.clock.now());
    expect(await known(ports)).toEqual(['ada', 'bob', 'carl']);
  });

  describe('is undone by anything that shows that the agent is alive:', () => {
    const signs: Record<string, (agents: TestPorts['agents'], agent: AgentRecord, now: number) => Promise<unknown>> = {
      'being seen': (agents, agent, now) => agents.seen(agent, now),
      'an offer at its request': (agents, agent, now) => agents.offer(agent, toOffer('next'), now),
      'freeing a slot': (agents, { id, inbox }, seenAt) =>
        agents.freeSlot(
          id,
          { taskId: 'task', token: inbox['task'] ?? '', outcome: { kind: 'completed', durationMs: 1 } },
          seenAt,
        ),
      'an outcome of work outside the queue': (agents, { id }, now) => agents.record(id, { kind: 'failed' }, now),
      learning: (agents, { id }) => agents.learn(id, 'rust', 1),
      registering: (agents, { id }, now) => agents.register({ id, capabilities: ['python'], maximum: 5 }, now),
    };
    const forgotten = async (ports: TestPorts) => {
      await ports.offer(await ports.register('ada', ['python', 'sql']), 'task');
      ports.clock.advance('61m');
      await reviewAll(ports);
      expect(await known(ports)).toEqual([]);
      return ports.agent('ada');
    };

    test.each(Object.keys(signs))('%s', async (name) => {
      const ports = new TestPorts(context);
      const agent = await forgotten(ports);
      await signs[name]?.(ports.another().agents, agent, ports.clock.now());
      expect(await known(ports)).toEqual(['ada']);
      expect(await ports.agent('ada')).not.toHaveProperty('forgottenAt');
    });

    test('but not if the agent is leaving', async () => {
      const ports = new TestPorts(context);
      const { id } = await forgotten(ports);
      await ports.agents.beginLeaving(id, ports.clock.now());
      await ports.agents.record(id, { kind: 'failed' }, ports.clock.now());
      expect(await known(ports)).toEqual([]);
    });

    test('the next request, if the process of the first died before it had written the memberships', async () => {
      const ports = new TestPorts(context);
      const agent = await forgotten(ports);
      const recover = context.edge.intercept((call, next) =>
        call.action === 'PutItem' ? Promise.resolve(awsError('AccessDeniedException', 'It has died.')) : next(),
      );
      await expect(ports.agents.offer(agent, toOffer('next'), ports.clock.now())).rejects.toThrow('died');
      recover();
      expect(await known(ports)).toEqual([]);
      await ports.perform(claimTasks, { agent_id: 'ada' });
      expect(await known(ports)).toEqual(['ada']);
    });

    test('but a later drop stays, even if the first repair ends after it', async () => {
      const ports = new TestPorts(context);
      const agent = await forgotten(ports);
      const unmarks = ({ body }: AwsCall) => body['UpdateExpression'] === 'REMOVE forgottenAt';
      beforeCall(context.edge, unmarks, async () => {
        ports.clock.advance('61m');
        await reviewAll(ports.another());
        expect(await known(ports)).toEqual([]);
      });
      await ports.agents.seen(agent, ports.clock.now());
      expect(await known(ports)).toEqual([]);
      await ports.agents.seen(await ports.agent('ada'), ports.clock.now());
      expect(await known(ports)).toEqual(['ada']);
    });
  });

  test('does not happen to an agent seen at that moment', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada', ['python']);
    ports.clock.advance('61m');
    const marks = updates('A#ada');
    const forgets = ({ action }: AwsCall) => action === 'DeleteItem';
    for (const reaches of [marks, forgets]) {
      const sign = () => ports.another().agents.record(agent.id, { kind: 'failed' }, ports.clock.now());
      beforeCall(context.edge, reaches, sign);
      await reviewAll(ports);
      expect(await known(ports)).toEqual(['ada']);
      expect(await ports.agent('ada')).not.toHaveProperty('forgottenAt');
      ports.clock.advance('61m');
    }
  });
});
