import { describe, expect, test } from 'vitest';
import { describeOnBothEngines } from '../support/dynamodb.ts';
import { beforeCall } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnBothEngines('a sample of capable agents', createMusterTables, (context) => {
  const register = (ports: TestPorts, ids: readonly string[], capabilities: readonly string[]) =>
    Promise.all(ids.map((id) => ports.register(id, capabilities)));
  const named = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

  test('is all of them when they are few', async () => {
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
    test('is bounded, has each agent once, is of the rarest requirement, and leaves nobody out for ever', async () => {
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

  test('is remembered for 5 seconds by each process but the one that changes it', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    const count = async (process: TestPorts) => (await process.agents.capable(['python'], 10)).members.length;
    const other = ports.another();
    expect([await count(ports), await count(other)]).toEqual([1, 1]);
    await ports.register('bob', ['python']);
    expect([await count(ports), await count(other)]).toEqual([2, 1]);
    ports.clock.advance('5s');
    expect(await count(other)).toBe(2);
  });
});

describeOnBothEngines('an hour without a sign of life', createMusterTables, (context) => {
  const known = async (ports: TestPorts) =>
    (await ports.another().agents.capable(['python'], 10)).members.map(({ id }) => id).sort();
  const reviewAll = async (ports: TestPorts) => {
    for (let part = 0; part < 16; part += 1) await ports.agents.review(ports.clock.now() + part * 60_000);
  };

  test('makes routing forget the agent, until it comes after all', async () => {
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
    expect(await ports.agents.get('ada')).toEqual(agent);

    await ports.agents.seen(agent, ports.clock.now());
    expect(await known(ports)).toEqual(['ada', 'bob', 'carl']);
  });

  test('makes routing forget nobody who comes in that moment', async () => {
    const ports = new TestPorts(context);
    const agent = await ports.register('ada', ['python']);
    ports.clock.advance('61m');
    const forgets = ({ action }: { action: string }) => action === 'DeleteItem';
    beforeCall(context.edge, forgets, () => ports.another().agents.seen(agent, ports.clock.now()));
    await reviewAll(ports);
    expect(await known(ports)).toEqual(['ada']);
  });
});
