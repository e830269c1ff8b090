import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Status } from '#shared/contract/nouns.ts';
import type { TaskChange } from '#shared/domain/task-change.ts';
import type { TaskRecord } from '#shared/domain/task.ts';
import { startOfMinute, noMinuteCounts, type Minute, type MinuteCounts } from '#shared/domain/minutes.ts';
import { noCounts, type QueueCounters } from '#shared/domain/statistics.ts';
import type { CountedBatch } from '#shared/ports.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { lived } from '../support/lived.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { life } from '../support/task-life.ts';
import { aTask, assignedTask, aWaitingTask, completedTask, morning } from '../support/tasks.ts';
import { TestClock, TestPorts } from '../support/test-ports.ts';

type Counted = CountedBatch['changes'];

/** Changes with sequence numbers like a shard's: ascending, with gaps, and of different lengths. */
const inShard = (changes: readonly TaskChange[]): Counted =>
  changes.map((change, n) => ({ ...change, sequenceNumber: String(95 + 3 * n) }));

/** Lives of several tasks, one after another. */
const lives = fc
  .array(life(0, 12), { minLength: 1, maxLength: 3 })
  .map((all) => inShard(all.flatMap((attempts, n) => lived(aTask({ id: `task-${n}` }), attempts).changes)));

/** The correct sum of the last hour's minutes: how many tasks were created and ended. */
function happened(changes: Counted): MinuteCounts {
  const ends = changes.filter(({ before, after }) => after && after.status !== before?.status);
  const endedIn = (status: Status) => ends.filter(({ after }) => after?.status === status).length;
  return {
    created: changes.filter(({ before, after }) => !before && after).length,
    completed: endedIn('completed'),
    failed: endedIn('failed'),
    cancelled: endedIn('cancelled'),
  };
}

function sumOf(minutes: readonly Minute[]): MinuteCounts {
  const sum = noMinuteCounts();
  for (const { counts } of minutes) {
    for (const name of Object.keys(sum) as (keyof MinuteCounts)[]) sum[name] += counts[name];
  }
  return sum;
}

const difference = (after: MinuteCounts, before: MinuteCounts) =>
  Object.fromEntries(Object.entries(after).map(([name, n]) => [name, n - before[name as keyof MinuteCounts]]));

/**
 * How a shard is delivered: split into batches anywhere, each of which may begin before the end of the previous one.
 */
const deliveries = fc.array(fc.record({ again: fc.nat(6), length: fc.nat(7) }), { maxLength: 8 });

function* batches(changes: Counted, cuts: readonly { again: number; length: number }[]): Generator<Counted> {
  let told = 0;
  for (const { again, length } of cuts) {
    const from = Math.max(0, told - again);
    yield changes.slice(from, from + length);
    told = Math.max(told, from + length);
  }
  yield changes.slice(told);
  yield changes;
}

/** The correct statistics: the number of tasks by status, from reading them. */
function recount(changes: Counted): Partial<QueueCounters> {
  const last = new Map<string, TaskRecord>();
  for (const { after } of changes) if (after) last.set(after.id, after);
  const tasks = [...last.values()];
  const count = (is: (task: TaskRecord) => boolean) => tasks.filter(is).length;
  const byStatus = Status().options.map((status) => [status, count((task) => task.status === status)]);
  return {
    ...(Object.fromEntries(byStatus) as Record<Status, number>),
    pendingAuto: count((task) => task.status === 'pending' && task.routing === 'auto'),
  };
}

describeOnEngine('the statistics', createMusterTables, (context) => {
  test('count each change once, however a shard is split into batches and repeated', async () => {
    const ports = new TestPorts(context);
    let shards = 0;
    await fc.assert(
      fc.asyncProperty(lives, deliveries, async (changes, cuts) => {
        const shardId = `shard-${(shards += 1)}`;
        const before = await ports.statistics.queue();
        const { minutes: minutesBefore } = await ports.statistics.lastHour();
        for (const batch of batches(changes, cuts)) {
          await ports.counting.add({ shardId, changes: batch });
          ports.clock.advance('20s');
        }
        const { minutes } = await ports.statistics.lastHour();
        expect(difference(sumOf(minutes), sumOf(minutesBefore))).toEqual(happened(changes));
        const after = await ports.statistics.queue();
        const counted = Object.entries(after).map(([name, count]) => [
          name,
          count - before[name as keyof QueueCounters],
        ]);
        expect(Object.fromEntries(counted)).toMatchObject(recount(changes));
      }),
      { numRuns: 12 },
    );
  });

  test('count each change once if several processes get it at the same time', async () => {
    const ports = new TestPorts(context);
    const changes = fc.sample(life(0, 40), { numRuns: 1, seed: 7 }).flatMap((all) => lived(aTask(), all).changes);
    const batch = { shardId: 'shard', changes: inShard(changes) };
    const answers = await Promise.all(Array.from({ length: 8 }, () => ports.another().counting.add(batch)));
    expect(answers.filter((counts) => counts !== undefined)).toHaveLength(1);
    expect(await ports.statistics.queue()).toMatchObject(recount(batch.changes));
  });

  test('count the changes of several shards, each of which is repeated', async () => {
    const ports = new TestPorts(context);
    const shards = ['one', 'two', 'three'].map((shardId) => ({
      shardId,
      changes: inShard(lived(aWaitingTask(1, { id: shardId }), []).changes),
    }));
    await Promise.all([...shards, ...shards].map((batch) => ports.another().counting.add(batch)));
    expect(await ports.statistics.queue()).toMatchObject({ waiting: 3, pending: 0 });
  });

  test('count a deleted task as one that existed', async () => {
    const ports = new TestPorts(context);
    const completed = completedTask();
    const changes = inShard([
      { id: '1', at: 0, before: undefined, after: completed },
      { id: '2', at: 0, before: completed, after: undefined },
    ]);
    await ports.counting.add({ shardId: 'shard', changes });
    await ports.counting.add({ shardId: 'shard', changes: [] });
    expect(await ports.statistics.queue()).toEqual({ ...noCounts(), completed: 1, executions: 1 });
  });

  describe('of each minute', () => {
    const created = (from: number, count: number) =>
      inShard(
        Array.from({ length: count }, (_, n) => ({
          id: String(n),
          at: 0,
          before: undefined,
          after: aTask({ id: `task-${from + n}` }),
        })),
      ).map((change, n) => ({ ...change, sequenceNumber: String(1000 + from + n) }));
    const createdIn = async (ports: TestPorts) =>
      (await ports.statistics.lastHour()).minutes.map(({ counts }) => counts.created);

    test('cover the minutes in which changes were counted, oldest first, for an hour', async () => {
      const ports = new TestPorts(context);
      for (const [from, count] of [
        [0, 2],
        [10, 3],
        [20, 4],
      ] as const) {
        await ports.counting.add({ shardId: 'shard', changes: created(from, count) });
        ports.clock.advance('1m');
      }
      const { minutes } = await ports.statistics.lastHour();
      expect(minutes).toHaveLength(60);
      expect(startOfMinute(minutes.at(-1)?.number ?? 0)).toBe(Math.floor(ports.clock.now() / 60_000) * 60_000);
      expect((await createdIn(ports)).slice(-5)).toEqual([0, 2, 3, 4, 0]);
      ports.clock.advance('57m');
      expect((await createdIn(ports)).slice(0, 2)).toEqual([3, 4]);
      ports.clock.advance('2m');
      expect(new Set(await createdIn(ports))).toEqual(new Set([0]));
    });

    test('are the same if processes with different clocks count at the end of a minute', async () => {
      const late = new TestPorts(context);
      await late.counting.add({ shardId: 'one', changes: created(0, 1) });
      const ahead = late.another(new TestClock());
      ahead.clock.advance('1m');
      await ahead.counting.add({ shardId: 'two', changes: created(0, 2) });
      await late.counting.add({ shardId: 'one', changes: created(10, 4) });
      for (const ports of [late, ahead]) expect((await createdIn(ports)).slice(-2)).toEqual([1, 6]);
    });

    test('cost at most 5 read units after an hour of every kind of work', async () => {
      const ports = new TestPorts(context);
      for (let n = 0; n < 61; n += 1) {
        const waits = Array.from({ length: 30 }, (_, k) => {
          const task = aTask({ id: `task-${n}-${k}`, readyAt: morning - 1.5 ** k });
          return [
            { id: `${k}c`, at: 0, before: undefined, after: task },
            { id: `${k}a`, at: 0, before: task, after: assignedTask({ id: task.id, readyAt: task.readyAt }) },
          ];
        });
        const changes = inShard(waits.flat()).map((change, k) => ({ ...change, sequenceNumber: `${n * 1000 + k}` }));
        await ports.counting.add({ shardId: 'shard', changes });
        ports.clock.advance('1m');
      }
      const before = context.meter.snapshot();
      const { minutes } = await ports.another().statistics.lastHour();
      expect(context.meter.since(before).total().readUnits).toBeLessThanOrEqual(5);
      expect(minutes.slice(0, 59).map(({ waits }) => [...waits.values()].reduce((sum, n) => sum + n, 0))).toEqual(
        Array.from({ length: 59 }, () => 30),
      );
    });
  });

  describe('forget a shard', () => {
    const change = inShard([{ id: '1', at: 0, before: undefined, after: aTask() }]);
    const countTwice = async (ports: TestPorts) => {
      await ports.counting.add({ shardId: 'shard', changes: change });
      return (await ports.statistics.queue()).pending === 2;
    };

    test('two hours after its last change has left the stream, and not before', async () => {
      const ports = new TestPorts(context);
      await ports.counting.add({ shardId: 'shard', changes: change });
      ports.clock.advance('25h');
      await ports.statistics.prune(ports.clock.now());
      expect(await countTwice(ports)).toBe(false);
      ports.clock.advance('1h');
      await ports.statistics.prune(ports.clock.now());
      expect(await countTwice(ports)).toBe(true);
    });

    test('unless it has sent a change in the meantime', async () => {
      const ports = new TestPorts(context);
      await ports.counting.add({ shardId: 'shard', changes: change });
      ports.clock.advance('48h');
      const later = change.map((one) => ({ ...one, sequenceNumber: '999' }));
      beforeCall(context.edge, updates('"S"'), () =>
        ports.another().counting.add({ shardId: 'shard', changes: later }),
      );
      await ports.statistics.prune(ports.clock.now());
      await ports.counting.add({ shardId: 'shard', changes: later });
      expect((await ports.statistics.queue()).pending).toBe(2);
    });
  });

  test('a stream shard may lose five records an hour, whatever other shards lose', async () => {
    const ports = new TestPorts(context);
    const admitted = async (shardId: string, tries: number) => {
      // Consumers that race for the last one must not both get it.
      const asked = Array.from({ length: tries }, () => ports.poison.admit(shardId));
      return (await Promise.all(asked)).filter(Boolean).length;
    };
    expect(await admitted('poisoned', 1)).toBe(1);
    expect(await admitted('poisoned', 7)).toBe(4);
    expect(await admitted('other', 1)).toBe(1);
    ports.clock.advance('1h');
    expect(await admitted('poisoned', 1)).toBe(1);
    expect(await admitted('poisoned', 7)).toBe(4);
  });
});
