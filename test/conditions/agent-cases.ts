import { agentKey } from '#shared/adapters/item-keys.ts';
import type { Instance, Outcome } from '#shared/domain/agent.ts';
import { expect } from 'vitest';
import { writes } from '../support/memory-dynamodb.ts';
import { morning, toOffer } from '../support/tasks.ts';
import type { Case, World } from './sites.ts';

const itemOf = ({ dynamodb }: World, id = 'ada') => dynamodb.item('agents', agentKey(id));
const process = (id: string): Instance => ({ id, since: morning });

/** The agent that gets an offer, and who makes it: the router, or the agent itself, named or unnamed. */
const askers = {
  'by the router': { instance: undefined, asks: false },
  'to an agent that requests it': { instance: undefined, asks: true },
  'to a process that requests it': { instance: process('p1'), asks: true },
};

/** What may happen between the read of an agent and the offer. */
const meanwhile: Record<string, { refused: boolean; act: (world: World) => Promise<unknown> }> = {
  'when nothing happens': { refused: false, act: () => Promise.resolve() },
  'that starts draining': { refused: true, act: ({ ports }) => ports.agents.setState('ada', 'draining') },
  'that leaves': { refused: true, act: ({ ports }) => ports.agents.leave('ada') },
  'that is deregistered': { refused: true, act: ({ ports }) => ports.agents.beginLeaving('ada', morning) },
  'that registers with a smaller maximum': { refused: true, act: ({ ports }) => ports.register('ada', [], 2) },
  'that gets something else': {
    refused: true,
    act: async ({ ports }) => ports.agents.offer(await ports.agent('ada'), toOffer('b', 'c', 'd')),
  },
  'that is offered the same': {
    refused: true,
    act: async ({ ports }) => ports.agents.offer(await ports.agent('ada'), toOffer('a')),
  },
};

const offers = Object.entries(askers).flatMap(([whose, { instance, asks }]) => {
  const offering =
    (act: (world: World) => Promise<unknown>, refused: boolean): Case =>
    async (world) => {
      const { ports } = world;
      if (instance) await ports.agents.occupy('ada', instance, undefined, true);
      await ports.agents.register({ id: 'ada', capabilities: [], maximum: 3, instance }, morning);
      const read = await ports.agent('ada');
      await act(world);
      const before = (await ports.agents.get('ada'))?.inbox;
      const offer = await ports.agents.offer(read, toOffer('a'), asks ? ports.clock.now() : undefined);
      expect(offer.offered).toBe(!refused);
      expect((await ports.agent('ada')).inbox).toEqual({ ...before, ...(offer.offered && offer.tokens) });
    };
  const cases = Object.entries(meanwhile).map(([what, { refused, act }]): [string, Case] => [
    `an offer ${whose}, ${what}`,
    offering(act, refused),
  ]);
  const replaced: [string, Case] = [
    `an offer ${whose}, whose id another process gets`,
    offering(
      async ({ ports }) => ports.agents.occupy('ada', process('p2'), await ports.agents.occupant('ada'), true),
      asks,
    ),
  ];
  return [...cases, replaced];
});

const outcomes: Record<string, Outcome> = {
  none: { kind: 'none' },
  completed: { kind: 'completed', durationMs: 5 },
  failed: { kind: 'failed' },
};

const slots = Object.entries(outcomes).flatMap(([name, outcome]) =>
  [undefined, morning].map((seenAt): [string, Case] => [
    `a slot that is freed with the outcome ${name}${seenAt === undefined ? '' : ', by the agent'}`,
    async ({ ports }) => {
      const token = await ports.offer(await ports.register('ada'), 'a');
      const slot = { taskId: 'a', token, outcome, requirements: ['python'] };
      await ports.agents.freeSlot('ada', { ...slot, token: 'another' }, seenAt);
      expect(await ports.agent('ada')).toMatchObject({ inbox: { a: token }, completed: 0, failed: 0 });
      await ports.agents.freeSlot('ada', slot, seenAt);
      expect((await ports.agent('ada')).inbox).toEqual({});
    },
  ]),
);

/** Offers that free the slot of an ended task, while something happens to the agent. */
const exchanges = Object.entries({
  ...meanwhile,
  'that gets something else': {
    refused: true,
    act: async ({ ports }: World) => ports.agents.offer(await ports.agent('ada'), toOffer('b', 'c')),
  },
  'whose id another process gets': {
    refused: true,
    act: async ({ ports }: World) =>
      ports.agents.occupy('ada', process('p2'), await ports.agents.occupant('ada'), true),
  },
  'whose slot is freed': {
    refused: true,
    act: async ({ ports }: World) =>
      ports.agents.freeSlot('ada', {
        taskId: 'old',
        token: (await ports.agent('ada')).inbox['old'] ?? '',
        outcome: { kind: 'none' },
      }),
  },
}).flatMap(([what, { refused, act }]) =>
  [undefined, process('p1')].map((instance): [string, Case] => [
    `an offer in the slot of another task, ${what}${instance ? ', to a process' : ''}`,
    async (world) => {
      const { ports } = world;
      if (instance) await ports.agents.occupy('ada', instance, undefined, true);
      await ports.agents.register({ id: 'ada', capabilities: [], maximum: 3, instance }, morning);
      const token = await ports.offer(await ports.agent('ada'), 'old');
      const read = await ports.agent('ada');
      await act(world);
      const { inbox = {}, completed = 0 } = (await ports.agents.get('ada')) ?? {};
      const slot = {
        taskId: 'old',
        token,
        outcome: outcomes['completed'] ?? { kind: 'none' },
        requirements: ['python'],
      };
      const offer = await ports.agents.offer(read, toOffer('a', 'e'), ports.clock.now(), slot);
      expect(offer.offered).toBe(!refused);
      const { old: _old, ...others } = inbox;
      const after = await ports.agent('ada');
      expect(after.inbox).toEqual(offer.offered ? { ...others, ...offer.tokens } : inbox);
      expect(after.completed).toBe(completed + (refused ? 0 : 1));
    },
  ]),
);

/** Writes to a nonexistent agent, which must not create one. */
const toNobody: Record<string, (world: World) => Promise<unknown>> = {
  'the start of a deregistration': ({ ports }) => ports.agents.beginLeaving('nobody', morning),
  'the start of a deregistration of an unseen agent': ({ ports }) =>
    ports.agents.beginLeaving('nobody', morning, morning),
  'a state': ({ ports }) => ports.agents.setState('nobody', 'draining'),
  'another state': ({ ports }) => ports.agents.setState('nobody', 'active'),
  leaving: ({ ports }) => ports.agents.leave('nobody'),
  'that its inbox was read': ({ ports }) => ports.agents.noteInboxRead('nobody', morning),
  suspicion: ({ ports }) => ports.agents.markUnseen('nobody', morning, morning),
  'a report of work outside the queue': ({ ports }) => ports.agents.record('nobody', { kind: 'failed' }, morning),
  'a report of completed work outside the queue': ({ ports }) =>
    ports.agents.record('nobody', { kind: 'completed', durationMs: 5 }, morning),
};

export const agentCases: Record<string, Case> = {
  ...Object.fromEntries(offers),
  ...Object.fromEntries(slots),
  ...Object.fromEntries(exchanges),
  ...Object.fromEntries(
    Object.entries(toNobody).map(([what, write]): [string, Case] => [
      `${what}, of an agent that is not there`,
      async (world) => {
        await write(world);
        expect(itemOf(world, 'nobody')).toBeUndefined();
      },
    ]),
  ),

  'a deregistration as unseen of an agent that was seen': async ({ ports }) => {
    const { seenAt } = await ports.register('ada');
    ports.clock.advance('1m');
    await ports.agents.seen(await ports.agent('ada'), ports.clock.now());
    expect(await ports.agents.beginLeaving('ada', ports.clock.now(), seenAt)).toBeUndefined();
    expect((await ports.agent('ada')).state).toBe('active');
  },
  'a state of an agent that is being deregistered': async (world) => {
    const { ports } = world;
    await ports.register('ada');
    await ports.agents.leave('ada');
    await ports.agents.beginLeaving('ada', morning);
    await ports.agents.setState('ada', 'draining');
    await ports.agents.setState('ada', 'active');
    expect(itemOf(world)).toMatchObject({ state: 'active', hasLeft: true });
    await ports.agents.setState('ada', 'draining');
    expect(itemOf(world)).toMatchObject({ state: 'active' });
  },
  'a process that leaves after another has taken the agent': async ({ ports }) => {
    await ports.agents.occupy('ada', process('p1'), undefined, true);
    await ports.agents.register({ id: 'ada', capabilities: [], maximum: 3, instance: process('p1') }, morning);
    await ports.agents.leave('ada', 'p2');
    expect((await ports.agent('ada')).state).toBe('active');
    await ports.agents.leave('ada', 'p1');
    expect((await ports.agent('ada')).state).toBe('left');
  },
  'a process that leaves before its agent is registered': async (world) => {
    const { ports } = world;
    await ports.agents.occupy('ada', process('p1'), undefined, true);
    await ports.agents.leave('ada', 'p1');
    expect(itemOf(world)).not.toHaveProperty('hasLeft');
  },
  'a last-seen of an agent that was seen later': async ({ ports }) => {
    const read = await ports.register('ada');
    ports.clock.advance('1m');
    await ports.agents.seen(read, ports.clock.now());
    await ports.agents.seen(read, ports.clock.now() - 1000);
    expect((await ports.agent('ada')).seenAt).toBe(ports.clock.now());
  },
  'treating as unseen an agent that was last seen earlier': async ({ ports }) => {
    const { seenAt } = await ports.register('ada');
    await ports.agents.markUnseen('ada', seenAt + 1, seenAt + 2);
    expect((await ports.agent('ada')).seenAt).toBe(seenAt);
  },
  'treating as unseen an agent that was seen since': async ({ ports }) => {
    const { seenAt } = await ports.register('ada');
    await ports.agents.markUnseen('ada', seenAt - 2, seenAt - 1);
    expect((await ports.agent('ada')).seenAt).toBe(seenAt);
  },
  'a report of work outside the queue that is sent twice': async ({ dynamodb, ports }) => {
    await ports.register('ada');
    for (const outcome of [{ kind: 'failed' }, { kind: 'completed', durationMs: 5 }] as const) {
      dynamodb.repeat(writes('UpdateItem', 'A#ada'));
      await ports.agents.record('ada', outcome, morning);
    }
    expect(await ports.agent('ada')).toMatchObject({ completed: 1, failed: 1 });
  },
  'a report of work outside the queue that arrives after the agent was removed and has registered again': async (
    world,
  ) => {
    const { dynamodb, ports } = world;
    await ports.register('ada');
    dynamodb.before(writes('UpdateItem', 'A#ada'), async () => {
      await ports.another().deregister('ada');
      ports.clock.advance('2s');
      await ports.another().register('ada');
    });
    expect(await ports.agents.record('ada', { kind: 'failed' }, morning)).toBeUndefined();
    expect(itemOf(world)).not.toHaveProperty('failed');
  },
  'reports of one task outside the queue, at once and later': async (world) => {
    const { dynamodb, ports } = world;
    await ports.register('ada');
    const report = (by = ports) => by.agents.record('ada', { kind: 'failed' }, ports.clock.now(), 'elsewhere');
    dynamodb.before(writes('UpdateItem', 'A#ada'), () => report(ports.another()));
    await report();
    ports.clock.advance('10m');
    expect(await report()).toMatchObject({ failed: 1 });
    expect(await ports.agent('ada')).toMatchObject({ failed: 1 });
  },
  'reports that are forgotten, of an agent that is removed meanwhile': async (world) => {
    const { dynamodb, ports } = world;
    await ports.register('ada');
    const report = () => ports.agents.record('ada', { kind: 'failed' }, ports.clock.now());
    for (let n = 0; n < 8; n += 1) await report();
    ports.clock.advance('2m');
    const forgets = ({ input }: { input: Record<string, unknown> }) =>
      String(input['UpdateExpression']).startsWith('DELETE records');
    dynamodb.before(forgets, () => ports.deregister('ada'));
    await report();
    expect(itemOf(world)).toBeUndefined();
  },
};
