import { statisticsKey } from '#shared/adapters/item-keys.ts';
import type { TaskRecord } from '#shared/domain/task.ts';
import type { CountedBatch, Statistics } from '#shared/ports.ts';
import { expect } from 'vitest';
import { writes, type MemoryCall, type MemoryDynamoDb } from '../support/memory-dynamodb.ts';
import { aTask, hour, minute, morning } from '../support/tasks.ts';
import { TestClock, type TestPorts } from '../support/test-ports.ts';
import type { Case } from './sites.ts';

/** The creation of several tasks, as a batch of the stream. */
const creations = (
  first: number,
  count: number,
  fields: Partial<TaskRecord> = {},
  shardId = 'shard-1',
): CountedBatch => ({
  shardId,
  changes: Array.from({ length: count }, (_, n) => ({
    sequenceNumber: String(first + n),
    before: undefined,
    after: { ...aTask({ id: `task-${first + n}` }), ...fields } as TaskRecord,
  })),
});

const pending = async (statistics: Statistics) => (await statistics.queue()).pending;

/** A recount that marks no existing tasks, so that only later ones count. */
async function recountAll(ports: TestPorts): Promise<void> {
  const { recount } = await ports.recounts.begin();
  expect(await ports.recounts.end(recount, 0)).toBe(true);
}

/** Whether a recount has ended or is in progress, and whether the counting process knows it. */
const situations: Record<string, (ports: TestPorts) => Promise<unknown>> = {
  'before any recount': () => Promise.resolve(),
  'during the first recount': (ports) => ports.recounts.begin(),
  'after a recount': recountAll,
  'during the second recount': async (ports) => {
    await recountAll(ports);
    await ports.recounts.begin();
  },
};

/** What other processes may do some time later, unknown to the counting process. */
const progress: Record<string, (ports: TestPorts) => Promise<unknown>> = {
  'begins a recount': (ports) => ports.recounts.begin(),
  'ends a recount': recountAll,
  'ends a recount and begins the next one': async (ports) => {
    await recountAll(ports);
    await ports.recounts.begin();
  },
};

const old = { createdAt: morning - minute };
const young = { createdAt: morning + 10 * minute };
const newest = { createdAt: morning + 2 * hour };

const batches = Object.entries(situations).flatMap(([when, bringAbout]): [string, Case][] => [
  [
    `a batch that is counted, ${when}`,
    async ({ ports }) => {
      await bringAbout(ports);
      await ports.counting.add(creations(1, 2, young));
      await ports.counting.add(creations(1, 2, young));
      await ports.counting.add(creations(2, 2, young));
      expect(await pending(ports.statistics)).toBe(3);
      await ports.counting.add(creations(1, 2, young, 'shard-2'));
      expect(await pending(ports.statistics)).toBe(5);
      await ports.another().counting.add(creations(1, 2, young, 'shard-2'));
      expect(await pending(ports.statistics)).toBe(5);
      ports.clock.advance('1m');
      await ports.counting.add(creations(10, 1, young));
      expect(await lastCreated(ports)).toEqual([5, 1]);
    },
  ],
  ...Object.entries(progress).map(([what, happen]): [string, Case] => [
    `a batch that is counted, ${when}, by a process behind whose back somebody ${what}`,
    async ({ dynamodb, ports }) => {
      await bringAbout(ports);
      await ports.counting.add(creations(1, 1, young));
      ports.clock.advance('1h');
      await happen(ports.another());
      // It has opened the minute, and nothing else stops the other one.
      await ports.another().counting.add(creations(1, 1, young, 'shard-2'));
      const before = itemOf(dynamodb);
      const changes = [
        ...creations(10, 3, old).changes,
        ...creations(20, 4, young).changes,
        ...creations(30, 2, newest).changes,
      ];
      await ports.counting.add({ shardId: 'shard-1', changes });
      const after = itemOf(dynamodb);
      const countedSince = (since = 0) => changes.filter((one) => (one.after?.createdAt ?? 0) > since).length;
      expect(after['pending']).toBe((before['pending'] ?? 0) + countedSince(before['recountSince']));
      expect(after['next_pending']).toBe(
        before['next_pending'] === undefined ? undefined : before['next_pending'] + countedSince(before['nextSince']),
      );
    },
  ]),
]);

const itemOf = (dynamodb: MemoryDynamoDb) => (dynamodb.item('agents', statisticsKey) ?? {}) as Record<string, number>;

/** How many tasks were created in each of the last two minutes. */
const lastCreated = async ({ statistics }: TestPorts) =>
  (await statistics.lastHour()).minutes.slice(-2).map(({ counts }) => counts.created);

/** Right before a closed minute is written, or the next one is opened. */
const beforeMinuteIs = { closed: writes('PutItem', 'S', 'M#'), opened: isOpening };

function isOpening(call: MemoryCall): boolean {
  return writes('UpdateItem', 'S', 'S')(call) && String(call.input['UpdateExpression']).startsWith('SET #minute');
}

const minutes: Record<string, Case> = {
  'the first minute, which two processes open': async ({ dynamodb, ports }) => {
    const late = ports.another(new TestClock());
    ports.clock.advance('1m');
    dynamodb.before(beforeMinuteIs.opened, () => ports.counting.add(creations(1, 2)));
    await late.counting.add(creations(1, 3, {}, 'shard-2'));
    expect(await lastCreated(ports)).toEqual([0, 5]);
  },
  ...Object.fromEntries(
    Object.entries(beforeMinuteIs).map(([what, at]): [string, Case] => [
      `a minute in which a process whose clock is late counts right before it is ${what}`,
      async ({ dynamodb, ports }) => {
        const late = ports.another(new TestClock());
        await late.counting.add(creations(1, 2));
        ports.clock.advance('1m');
        dynamodb.before(at, () => late.counting.add(creations(3, 3)));
        await ports.counting.add(creations(1, 1, {}, 'shard-2'));
        expect(await lastCreated(ports)).toEqual([5, 1]);
      },
    ]),
  ),
  'a minute closed again by a delayed process': async ({ dynamodb, ports }) => {
    const late = ports.another(new TestClock());
    await late.counting.add(creations(1, 2));
    ports.clock.advance('1m');
    dynamodb.before(beforeMinuteIs.closed, async () => {
      await late.counting.add(creations(3, 3));
      await ports.another().counting.add(creations(1, 4, {}, 'shard-2'));
    });
    await ports.counting.add(creations(1, 1, {}, 'shard-3'));
    expect(await lastCreated(ports)).toEqual([5, 5]);
  },
};

export const statisticsCases: Record<string, Case> = {
  ...Object.fromEntries(batches),
  ...minutes,

  'the checkpoint of a shard that has expired': async ({ dynamodb, ports }) => {
    await ports.counting.add(creations(1, 1));
    ports.clock.advance('3d');
    await ports.statistics.prune(ports.clock.now());
    expect(itemOf(dynamodb)).not.toHaveProperty('shard:shard-1');
  },
  'the checkpoint of a shard that returns when it is dropped': async ({ dynamodb, ports }) => {
    await ports.counting.add(creations(1, 1));
    ports.clock.advance('3d');
    dynamodb.before(writes('UpdateItem', 'S', 'S'), () => ports.another().counting.add(creations(2, 1)));
    await ports.statistics.prune(ports.clock.now());
    await ports.counting.add(creations(2, 1));
    expect(await pending(ports.statistics)).toBe(2);
  },

  'the records of a shard that may be dead-lettered per hour': async ({ ports }) => {
    const admitted = async (count: number) => {
      const tries = [];
      for (let n = 0; n < count; n += 1) tries.push(await ports.poison.admit('shard-1'));
      return tries.filter(Boolean).length;
    };
    expect(await admitted(8)).toBe(5);
    ports.clock.advance('1h');
    expect(await admitted(3)).toBe(3);
    ports.clock.advance('1h');
    expect(await admitted(8)).toBe(5);
  },

  'two recounts started at once are one': async ({ dynamodb, ports }) => {
    const begun: number[] = [];
    dynamodb.before(writes('UpdateItem', 'S', 'S'), async () => {
      ports.clock.advance('1m');
      begun.push((await ports.another().recounts.begin()).begunAt);
    });
    expect([(await ports.recounts.begin()).begunAt]).toEqual(begun);
  },
  'a recount that ends before its marks are counted': async ({ ports }) => {
    const { recount } = await ports.recounts.begin();
    expect(await ports.recounts.end(recount, 1)).toBe(false);
    expect((await ports.recounts.latest()).underWay?.recount).toBe(recount);
  },
  'a recount that ends again after the next one has started': async ({ ports }) => {
    await recountAll(ports);
    const next = await ports.recounts.begin();
    expect(await ports.recounts.end(next.recount - 1, 0)).toBe(true);
    expect((await ports.recounts.latest()).underWay?.recount).toBe(next.recount);
  },
};
