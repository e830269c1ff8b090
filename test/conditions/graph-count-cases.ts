import { graphKey } from '#shared/adapters/item-keys.ts';
import type { CountedBatch } from '#shared/ports.ts';
import { expect } from 'vitest';
import { writes } from '../support/memory-dynamodb.ts';
import { aTask, morning } from '../support/tasks.ts';
import type { Case, World } from './sites.ts';

const commit = ({ ports }: World, id: string) =>
  ports.graphs.commit({
    id,
    bodyHash: 'body',
    createdAt: morning,
    title: 'graph',
    total: 9,
    isWritten: false,
    decided: 0,
    tasks: [],
  });

/** The creation of several tasks of a graph, as a batch of the stream. */
const creations = (first: number, count: number, graphId: string, shardId = 'shard-1'): CountedBatch => ({
  shardId,
  changes: Array.from({ length: count }, (_, n) => ({
    sequenceNumber: String(first + n),
    before: undefined,
    after: { ...aTask({ id: `task-${first + n}` }), graphId },
  })),
});

const itemOf = ({ dynamodb }: World, id: string) => dynamodb.item('tasks', graphKey(id));

export const graphCountCases: Record<string, Case> = {
  'a batch counted for its graphs': async (world) => {
    const { graphs } = world.ports;
    await commit(world, 'one');
    await commit(world, 'two');
    const both = {
      ...creations(1, 2, 'one'),
      changes: [1, 2].flatMap((n) => creations(n, 1, n === 1 ? 'one' : 'two').changes),
    };
    await graphs.count(both);
    await graphs.count(both);
    expect([itemOf(world, 'one')?.['pending'], itemOf(world, 'two')?.['pending']]).toEqual([1, 1]);
    await graphs.count(creations(1, 3, 'one'));
    expect(itemOf(world, 'one')?.['pending']).toBe(3);
    await graphs.count(creations(1, 3, 'one', 'shard-2'));
    expect(itemOf(world, 'one')?.['pending']).toBe(6);
  },
  'a batch counted for a nonexistent graph': async (world) => {
    await world.ports.graphs.count(creations(1, 1, 'one'));
    expect(itemOf(world, 'one')).toBeUndefined();
  },
  'the checkpoint of a shard that has expired, in a graph': async (world) => {
    const { graphs } = world.ports;
    await commit(world, 'one');
    await graphs.count(creations(1, 1, 'one'));
    world.ports.clock.advance('3d');
    await graphs.count(creations(1, 1, 'one', 'shard-2'));
    expect(itemOf(world, 'one')).not.toHaveProperty('shard:shard-1');
    expect(itemOf(world, 'one')).toHaveProperty('shard:shard-2');
  },
  'the checkpoint of a shard that returns when it is dropped from a graph': async (world) => {
    const { dynamodb, ports } = world;
    await commit(world, 'one');
    await ports.graphs.count(creations(1, 1, 'one'));
    ports.clock.advance('3d');
    const tries = { count: 0 };
    const isSecond = (call: Parameters<ReturnType<typeof writes>>[0]) =>
      writes('UpdateItem', 'G#')(call) && (tries.count += 1) === 2;
    dynamodb.before(isSecond, () => ports.another().graphs.count(creations(2, 1, 'one')));
    await ports.graphs.count(creations(1, 1, 'one', 'shard-2'));
    await ports.graphs.count(creations(2, 1, 'one'));
    expect(itemOf(world, 'one')?.['pending']).toBe(3);
  },
};
