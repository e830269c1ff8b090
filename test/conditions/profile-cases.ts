import { agentDirectory, agentKey, memberPartition } from '#shared/adapters/item-keys.ts';
import { times } from '#shared/domain/settings.ts';
import { expect } from 'vitest';
import { writes, type MemoryCall, type MemoryDynamoDb } from '../support/memory-dynamodb.ts';
import type { TestPorts } from '../support/test-ports.ts';
import type { Case, World } from './sites.ts';

const found = async (ports: TestPorts, requirements: string[]) =>
  (await ports.another().agents.capable(requirements, 10, 'fresh')).members.map(({ id }) => id);
const listed = async ({ ports }: World) => (await ports.agents.list(undefined, 10, undefined)).items;
const register = (ports: TestPorts, capabilities: string[]) =>
  ports.agents.register({ id: 'ada', capabilities, maximum: 5 }, ports.clock.now());
const itemOf = ({ dynamodb }: World) => dynamodb.item('agents', agentKey('ada'));

/** One round of the review, which visits all agents. */
async function review(ports: TestPorts): Promise<void> {
  for (let n = 0; n < 16; n += 1) {
    await ports.agents.review(ports.clock.now());
    ports.clock.advance('1m');
  }
}

/**
 * Deregisters ada, with something happening right before the first matching call.
 * @returns whether she is gone
 */
async function removeWhile(world: World, matches: (call: MemoryCall) => boolean, act: () => Promise<unknown>) {
  const leaving = await world.ports.agents.beginLeaving('ada', world.ports.clock.now());
  if (!leaving) throw new Error('There is no ada.');
  world.dynamodb.before(matches, act);
  return world.ports.agents.remove(leaving);
}

/** Lets the process die at the first matching call. */
async function dies({ dynamodb }: World, matches: (call: MemoryCall) => boolean, work: () => Promise<unknown>) {
  const failing = dynamodb.fail(matches);
  await expect(work()).rejects.toThrow('The process dies.');
  failing.restore();
}

const outcomes = { kind: 'failed' } as const;

export const profileCases: Record<string, Case> = {
  'a first registration': async (world) => {
    await register(world.ports, ['python']);
    expect(await found(world.ports, ['python'])).toEqual(['ada']);
    expect(await listed(world)).toEqual(['ada']);
  },
  'two first registrations': async ({ dynamodb, ports }) => {
    dynamodb.before(writes('PutItem', 'A#ada', 'P'), () => register(ports.another(), ['sql']));
    await register(ports, ['python']);
    expect(await found(ports, ['python'])).toEqual(['ada']);
    expect(await found(ports, ['sql'])).toEqual([]);
  },
  'a registration with other capabilities': async (world) => {
    const { dynamodb, ports } = world;
    await register(ports, ['python']);
    await register(ports, ['python', 'sql']);
    expect(await found(ports, ['python', 'sql'])).toEqual(['ada']);
    const { profileVersion } = await ports.agent('ada');
    expect(dynamodb.item('agents', { pk: agentDirectory, sk: 'ada' })).toMatchObject({ version: profileVersion });
    await register(ports, ['sql']);
    expect(await found(ports, ['python'])).toEqual([]);
  },
  'two capabilities learned at once': async ({ dynamodb, ports }) => {
    await register(ports, []);
    dynamodb.before(writes('PutItem', 'A#ada', 'P'), () => ports.another().agents.learn('ada', 'sql', 1));
    await ports.agents.learn('ada', 'python', 1);
    expect(await found(ports, ['python', 'sql'])).toEqual(['ada']);
  },
  'a registration overtaken before it is in the directory': async (world) => {
    const { dynamodb, ports } = world;
    dynamodb.before(writes('PutItem', agentDirectory, 'ada'), () => register(ports.another(), ['sql']));
    await register(ports, ['python']);
    const { profileVersion } = await ports.agent('ada');
    expect(dynamodb.item('agents', { pk: agentDirectory, sk: 'ada' })).toMatchObject({ version: profileVersion });
  },
  'a registration overtaken before its memberships': async ({ dynamodb, ports }) => {
    dynamodb.before(writes('PutItem', memberPartition('python')), () => register(ports.another(), ['python', 'sql']));
    await register(ports, ['python']);
    expect(await found(ports, ['python', 'sql'])).toEqual(['ada']);
  },
  'a registration overtaken before it removes a membership': async ({ dynamodb, ports }) => {
    await register(ports, ['python', 'sql']);
    dynamodb.before(writes('DeleteItem', memberPartition('sql')), () => register(ports.another(), ['python', 'sql']));
    await register(ports, ['python']);
    expect(await found(ports, ['sql'])).toEqual(['ada']);
  },
  'a registration overtaken before its last step': async ({ dynamodb, ports }) => {
    const enters = (call: MemoryCall) =>
      writes('UpdateItem', 'A#ada')(call) && String(call.input['UpdateExpression']).includes('registeredAt');
    dynamodb.before(enters, () => register(ports.another(), ['python', 'sql']));
    await register(ports, ['python']);
    const profile = (await ports.another().agents.profiles([await ports.agent('ada')])).get('ada');
    expect((await ports.agent('ada')).profileVersion).toBe(profile?.version);
  },
  'the same registration, after one that died': async (world) => {
    await dies(world, writes('PutItem', 'C#'), () => register(world.ports, ['python']));
    await register(world.ports.another(), ['python']);
    expect(await found(world.ports, ['python'])).toEqual(['ada']);
  },
  'the same registration, after a deregistration that died': async (world) => {
    await register(world.ports, ['python']);
    await dies(world, writes('DeleteItem', 'A#ada', 'P'), () => world.ports.deregister('ada'));
    await register(world.ports.another(), ['python']);
    expect(await found(world.ports, ['python'])).toEqual(['ada']);
  },
  'a registration in the middle of a deregistration that began during it': async (world) => {
    const { dynamodb, ports } = world;
    await register(ports, ['python']);
    let goOn = () => {};
    const isRegistered = new Promise<void>((resolve) => (goOn = resolve));
    let deregistration: Promise<boolean> | undefined;
    const isPaused = () =>
      new Promise<void>((resolve) => {
        dynamodb.before(writes('DeleteItem', memberPartition('python')), () => {
          resolve();
          return isRegistered;
        });
        deregistration = ports.another().deregister('ada');
      });
    dynamodb.before(writes('UpdateItem', 'A#ada'), isPaused);
    await register(ports, ['python', 'sql']);
    goOn();
    expect(await deregistration).toBe(false);
    expect(await found(ports, ['python'])).toEqual(['ada']);
    expect((await ports.agent('ada')).state).toBe('active');
  },
  'a registration that dies when it has found the agent leaving, which is then removed': async (world) => {
    const { dynamodb, ports } = world;
    await register(ports, ['python']);
    await ports.agents.beginLeaving('ada', ports.clock.now());
    let failing: ReturnType<MemoryDynamoDb['fail']> | undefined;
    const endsLeaving = (call: MemoryCall) => String(call.input['UpdateExpression']).includes('REMOVE leavingSince');
    dynamodb.before(endsLeaving, async () => {
      await ports.another().deregister('ada');
      failing = dynamodb.fail(({ action }) => action === 'GetItem');
    });
    await expect(register(ports, ['python'])).rejects.toThrow('The process dies.');
    failing?.restore();
    expect(itemOf(world)).toBeUndefined();
  },
  'the same registration again costs one write': async ({ dynamodb, ports }) => {
    await register(ports, ['python']);
    const { restore } = dynamodb.fail((call) => call.action === 'PutItem');
    await register(ports.another(), ['python']);
    restore();
  },

  'a learned capability': async ({ ports }) => {
    await register(ports, []);
    await ports.agents.learn('ada', 'python', 1);
    expect((await ports.another().agents.profiles([await ports.agent('ada')])).get('ada')?.capabilities).toHaveProperty(
      'python',
    );
    expect(await ports.agents.learn('nobody', 'python', 1)).toBe('no_agent');
  },
  'a learned capability, overtaken before the last step': async ({ dynamodb, ports }) => {
    await register(ports, []);
    dynamodb.before(writes('UpdateItem', 'A#ada'), () => ports.another().agents.learn('ada', 'sql', 1));
    await ports.agents.learn('ada', 'python', 1);
    const profile = (await ports.another().agents.profiles([await ports.agent('ada')])).get('ada');
    expect((await ports.agent('ada')).profileVersion).toBe(profile?.version);
  },
  'a learned capability of an agent removed before the last step': async (world) => {
    const { dynamodb, ports } = world;
    await register(ports, []);
    dynamodb.before(writes('UpdateItem', 'A#ada'), () => ports.another().deregister('ada'));
    await ports.agents.learn('ada', 'python', 1);
    expect(itemOf(world)).toBeUndefined();
  },
  'the same capability, after a process that died before it was stored': async (world) => {
    const { ports } = world;
    await register(ports, []);
    await dies(world, writes('PutItem', memberPartition('python')), () => ports.agents.learn('ada', 'python', 1));
    await ports.another().agents.learn('ada', 'python', 1);
    expect(await found(ports, ['python'])).toEqual(['ada']);
  },
  'the same capability again costs one write': async ({ dynamodb, ports }) => {
    await register(ports, []);
    await ports.agents.learn('ada', 'python', 1);
    const { restore } = dynamodb.fail((call) => call.action === 'PutItem');
    await ports.another().agents.learn('ada', 'python', 1);
    restore();
  },
  'the same capability, of an agent that is being removed': async (world) => {
    const { ports } = world;
    await register(ports, []);
    await ports.agents.learn('ada', 'python', 1);
    const learns = () => ports.another().agents.learn('ada', 'python', 1);
    expect(await removeWhile(world, writes('DeleteItem', 'A#ada', 'P'), learns)).toBe(false);
    expect(await found(ports, ['python'])).toEqual(['ada']);
  },

  'a deregistration': async (world) => {
    await register(world.ports, ['python']);
    expect(await world.ports.deregister('ada')).toBe(true);
    expect(await listed(world)).toEqual([]);
    expect(await found(world.ports, ['python'])).toEqual([]);
    expect(itemOf(world)).toBeUndefined();
  },
  'a deregistration after one that died at the end': async (world) => {
    await register(world.ports, ['python']);
    await dies(world, writes('DeleteItem', 'A#ada', 'A'), () => world.ports.deregister('ada'));
    expect(await world.ports.another().deregister('ada')).toBe(true);
  },
  ...Object.fromEntries(
    Object.entries({
      'its entry in the directory': writes('DeleteItem', agentDirectory, 'ada'),
      'its memberships': writes('DeleteItem', 'C#'),
      'its profile': writes('DeleteItem', 'A#ada', 'P'),
      'the agent': writes('DeleteItem', 'A#ada', 'A'),
    }).map(([what, matches]): [string, Case] => [
      `a deregistration of an agent that registers again before ${what} goes`,
      async (world) => {
        await register(world.ports, ['python']);
        const registers = () => register(world.ports.another(), ['python', 'sql']);
        expect(await removeWhile(world, matches, registers)).toBe(false);
        expect(await listed(world)).toEqual(['ada']);
        expect(await found(world.ports, ['python', 'sql'])).toEqual(['ada']);
        expect((await world.ports.agent('ada')).state).toBe('active');
      },
    ]),
  ),
  'a delayed deregistration, after the agent was removed and has registered again': async (world) => {
    const { ports } = world;
    await register(ports, ['python']);
    const leaving = await ports.agents.beginLeaving('ada', ports.clock.now());
    if (!leaving) throw new Error('There is no ada.');
    expect(await ports.another().deregister('ada')).toBe(true);
    await register(ports.another(), ['python', 'sql']);
    expect(await ports.agents.remove(leaving)).toBe(false);
    expect(await found(ports, ['python', 'sql'])).toEqual(['ada']);
  },
  'a deregistration of an agent that holds something': async (world) => {
    const token = await world.ports.offer(await world.ports.register('ada'), 'a');
    expect(await world.ports.deregister('ada')).toBe(false);
    expect((await world.ports.agent('ada')).inbox).toEqual({ a: token });
  },

  'evidence that is dropped, of an agent removed meanwhile': async (world) => {
    const { dynamodb, ports } = world;
    const token = await ports.offer(await ports.register('ada', ['python']), 'a');
    await ports.agents.freeSlot('ada', { taskId: 'a', token, outcome: outcomes, requirements: ['python'] });
    const forgets = (call: MemoryCall) => String(call.input['UpdateExpression']).startsWith('REMOVE successes');
    dynamodb.before(forgets, () => ports.another().deregister('ada'));
    await register(ports, []);
    expect((await ports.agent('ada')).failures).toEqual({});
  },

  'a review of an unseen agent': async ({ ports }) => {
    await register(ports, ['python']);
    ports.clock.advance(times.forgottenAfterMs + 1);
    await review(ports);
    expect(await found(ports, ['python'])).toEqual([]);
  },
  'a review of an agent that is seen meanwhile': async ({ dynamodb, ports }) => {
    const read = await ports.register('ada', ['python']);
    ports.clock.advance(times.forgottenAfterMs + 1);
    dynamodb.before(writes('UpdateItem', 'A#ada'), () => ports.another().agents.seen(read, ports.clock.now()));
    await review(ports);
    expect(await found(ports, ['python'])).toEqual(['ada']);
  },
  'a review of an agent that comes back meanwhile': async ({ dynamodb, ports }) => {
    await register(ports, ['python']);
    ports.clock.advance(times.forgottenAfterMs + 1);
    const comesBack = async () => ports.another().agents.seen(await ports.agent('ada'), ports.clock.now());
    dynamodb.before(writes('DeleteItem', memberPartition('python')), comesBack);
    await review(ports);
    expect(await found(ports, ['python'])).toEqual(['ada']);
  },
  'an agent that comes back and is dropped again meanwhile': async (world) => {
    const { dynamodb, ports } = world;
    await register(ports, ['python']);
    ports.clock.advance(times.forgottenAfterMs + 1);
    await review(ports);
    const restored = (call: MemoryCall) => String(call.input['UpdateExpression']) === 'REMOVE forgottenAt';
    dynamodb.before(restored, async () => {
      ports.clock.advance(times.forgottenAfterMs + 1);
      await review(ports.another());
    });
    await ports.agents.seen(await ports.agent('ada'), ports.clock.now());
    expect(await found(ports, ['python'])).toEqual([]);
    expect((await ports.agent('ada')).forgottenAt).toBeDefined();
  },
  'an agent that comes back and is no longer dropped': async ({ ports }) => {
    await register(ports, ['python']);
    ports.clock.advance(times.forgottenAfterMs + 1);
    await review(ports);
    await ports.agents.seen(await ports.agent('ada'), ports.clock.now());
    expect((await ports.agent('ada')).forgottenAt).toBeUndefined();
  },
  'a review completes a learned capability after its process died, unless another is learned': async (world) => {
    const { dynamodb, ports } = world;
    await register(ports, []);
    await dies(world, writes('UpdateItem', 'A#ada'), () => ports.agents.learn('ada', 'python', 1));
    const points = (call: MemoryCall) => String(call.input['UpdateExpression']) === 'SET profileVersion = :version';
    dynamodb.before(points, () => ports.another().agents.learn('ada', 'sql', 1));
    await review(ports);
    const profile = (await ports.another().agents.profiles([await ports.agent('ada')])).get('ada');
    expect((await ports.agent('ada')).profileVersion).toBe(profile?.version);
    expect(await found(ports, ['python', 'sql'])).toEqual(['ada']);
  },
};
