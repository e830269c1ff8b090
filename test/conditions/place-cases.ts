import { accessKeyKey, graphKey, laneDirectory, laneSort } from '#shared/adapters/item-keys.ts';
import { times, defaultSettings } from '#shared/domain/settings.ts';
import { expect } from 'vitest';
import { writes } from '../support/memory-dynamodb.ts';
import { morning } from '../support/tasks.ts';
import type { Case, World } from './sites.ts';

const aKey = (secretHash: string) => ({ id: 'key-1', role: 'viewer' as const, secretHash, createdAt: morning });
const aGraph = (bodyHash: string) => ({
  id: 'graph-1',
  bodyHash,
  createdAt: morning,
  title: 'graph',
  total: 1,
  isWritten: false,
  decided: 0,
  tasks: [],
});
const aDecision = (number: number) => ({ number, kind: 'cancel' as const, at: morning, since: number });
const listed = ({ dynamodb }: World) => dynamodb.item('tasks', graphKey('graph-1'))?.['g'];
async function headOf({ ports }: World) {
  const head = await ports.graphs.head('graph-1');
  if (!head) throw new Error('The graph is not there.');
  return head;
}
const lane = { key: 'python', routing: 'auto' as const, requirements: ['python'] };
const registration = { pk: laneDirectory, sk: laneSort(lane) };

export const placeCases: Record<string, Case> = {
  'a new access key': async ({ ports }) => {
    await ports.accessKeys.put(aKey('one'));
    await ports.accessKeys.put(aKey('one'));
    await expect(ports.accessKeys.put(aKey('two'))).rejects.toThrow('The key id key-1 is taken');
    expect((await ports.accessKeys.get('key-1'))?.secretHash).toBe('one');
  },
  'revoking a nonexistent access key': async ({ dynamodb, ports }) => {
    expect(await ports.accessKeys.revoke('key-1', morning)).toBeUndefined();
    expect(dynamodb.item('agents', accessKeyKey('key-1'))).toBeUndefined();
  },

  'a new graph': async ({ ports }) => {
    expect((await ports.graphs.commit(aGraph('one'))).isNew).toBe(true);
    const { graph, isNew } = await ports.graphs.commit(aGraph('two'));
    expect({ isNew, bodyHash: graph.bodyHash }).toEqual({ isNew: false, bodyHash: 'one' });
  },
  'a new graph in place of an expired one': async ({ ports }) => {
    await ports.graphs.commit(aGraph('one'));
    ports.clock.advance(times.maxAgeMs + defaultSettings.retentionMs);
    expect((await ports.graphs.commit(aGraph('two'))).isNew).toBe(true);
  },
  'marking a nonexistent graph as written': async ({ dynamodb, ports }) => {
    await ports.graphs.markWritten('graph-1');
    expect(dynamodb.item('tasks', graphKey('graph-1'))).toBeUndefined();
  },

  'marking a graph as written': async (world) => {
    const { graphs } = world.ports;
    await graphs.commit(aGraph('one'));
    await graphs.markWritten('graph-1');
    expect(listed(world)).toBeUndefined();
    expect((await headOf(world)).isWritten).toBe(true);
  },
  'a decision about a graph before it is written': async (world) => {
    const { graphs } = world.ports;
    await graphs.commit(aGraph('one'));
    expect(await graphs.decide(await headOf(world), aDecision(1))).toBe(true);
    expect(listed(world)).toBe('G');
    await graphs.markWritten('graph-1');
    expect(listed(world)).toBe('GD');
    await graphs.endDecision('graph-1', 1);
    expect(listed(world)).toBeUndefined();
  },
  'a graph written after a decision about it has ended': async (world) => {
    const { dynamodb, ports } = world;
    await ports.graphs.commit(aGraph('one'));
    await ports.graphs.decide(await headOf(world), aDecision(1));
    const tries = { count: 0 };
    const isSecond = (call: Parameters<ReturnType<typeof writes>>[0]) =>
      writes('UpdateItem', 'G#')(call) && (tries.count += 1) === 2;
    dynamodb.before(isSecond, async () => {
      await ports.another().graphs.markWritten('graph-1');
      await ports.another().graphs.endDecision('graph-1', 1);
    });
    await ports.graphs.markWritten('graph-1');
    expect(listed(world)).toBeUndefined();
  },
  'two decisions about a graph at once, and later ones': async (world) => {
    const { graphs } = world.ports;
    await graphs.commit(aGraph('one'));
    await graphs.markWritten('graph-1');
    for (const number of [1, 2]) {
      const read = await headOf(world);
      expect(await graphs.decide(read, aDecision(number))).toBe(true);
      expect(await graphs.decide(read, { ...aDecision(number), kind: 'retry' })).toBe(false);
      expect(await headOf(world)).toMatchObject({ decided: number, decision: aDecision(number), isWritten: true });
      expect(listed(world)).toBe('GD');
      await graphs.endDecision('graph-1', number);
      expect((await headOf(world)).decision).toBeUndefined();
    }
  },
  'the end of a decision about a graph, after a later one': async (world) => {
    const { graphs } = world.ports;
    await graphs.commit(aGraph('one'));
    await graphs.decide(await headOf(world), aDecision(1));
    await graphs.decide(await headOf(world), aDecision(2));
    await graphs.endDecision('graph-1', 1);
    expect((await headOf(world)).decision).toEqual(aDecision(2));
  },
  'a decision about a nonexistent graph': async ({ dynamodb, ports }) => {
    const read = {
      id: 'graph-1',
      bodyHash: 'one',
      createdAt: morning,
      title: '',
      total: 0,
      isWritten: true,
      decided: 0,
    };
    expect(await ports.graphs.decide(read, aDecision(1))).toBe(false);
    await ports.graphs.endDecision('graph-1', 1);
    expect(dynamodb.item('tasks', graphKey('graph-1'))).toBeUndefined();
  },

  'a lane that is retired': async ({ ports }) => {
    await ports.lanes.register(lane);
    ports.clock.advance(times.dormantAfterMs);
    await ports.lanes.retire(lane);
    expect(await ports.lanes.all()).toEqual([]);
    expect(await ports.another().lanes.servable({ python: { confidence: 1, source: 'declared' } })).toEqual([]);
  },
  'a lane that is retired and was used within a day': async ({ ports }) => {
    await ports.lanes.register(lane);
    ports.clock.advance(times.dormantAfterMs - 1);
    await ports.lanes.retire(lane);
    expect(await ports.lanes.all()).toEqual([lane]);
  },
  'a lane that is retired again': async ({ dynamodb, ports }) => {
    await ports.lanes.register(lane);
    ports.clock.advance(times.dormantAfterMs);
    await ports.lanes.retire(lane);
    const first = dynamodb.item('agents', registration);
    ports.clock.advance('1m');
    await ports.lanes.retire(lane);
    expect(dynamodb.item('agents', registration)).toEqual(first);
  },
  ...Object.fromEntries(
    ['L#', 'LA'].map((partition): [string, Case] => [
      `a lane that is retired and used before its entry in ${partition} goes`,
      async ({ dynamodb, ports }) => {
        await ports.lanes.register(lane);
        ports.clock.advance(times.dormantAfterMs);
        dynamodb.before(writes('DeleteItem', partition), () => ports.another().lanes.use(lane));
        await ports.lanes.retire(lane);
        expect(await ports.lanes.all()).toEqual([lane]);
        const capabilities = { python: { confidence: 1, source: 'declared' as const } };
        expect(await ports.another().lanes.servable(capabilities)).toEqual([lane]);
      },
    ]),
  ),
};
