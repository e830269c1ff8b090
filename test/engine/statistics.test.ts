import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Status } from '#shared/contract/nouns.ts';
import type { TaskChange } from '#shared/domain/task-change.ts';
import type { TaskRecord } from '#shared/domain/task.ts';
import { noCounts, type QueueCounters } from '#shared/domain/statistics.ts';
import type { CountedBatch } from '#shared/ports.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { lived } from '../support/lived.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { life } from '../support/task-life.ts';
import { aTask, aWaitingTask, completedTask } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

type Counted = CountedBatch['changes'];

/** Changes with sequence numbers as a shard has them: ascending, with gaps, and not of one length. */
const inShard = (changes: readonly TaskChange[]): Counted =>
  changes.map((change, n) => ({ ...change, sequenceNumber: String(95 + 3 * n) }));

/** Lives of several tasks, one after the other. */
const lives = fc
  .array(life(0, 12), { minLength: 1, maxLength: 3 })
  .map((all) => inShard(all.flatMap((attempts, n) => lived(aTask({ id: `task-${n}` }), attempts).changes)));

/** How a shard is delivered: cut into batches anywhere, each of which may begin again before the end of the last one. */
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

/** What the statistics must say: how many tasks there are in each status, by looking at them. */
function recount(changes: Counted): Partial<QueueCounters> {
  const last = new Map<string, TaskRecord>();
  for (const { after } of changes) if (after) last.set(after.id, after);
  const tasks = [...last.values()];
  const count = (is: (task: TaskRecord) => boolean) => tasks.filter(is).length;
  const byStatus = Status.options.map((status) => [status, count((task) => task.status === status)]);
  return {
    ...(Object.fromEntries(byStatus) as Record<Status, number>),
    pendingAuto: count((task) => task.status === 'pending' && task.routing === 'auto'),
  };
}

describeOnEngine('the statistics', createMusterTables, (context) => {
  test('count each change once, however a shard is cut into batches and repeated', async () => {
    const ports = new TestPorts(context);
    let shards = 0;
    await fc.assert(
      fc.asyncProperty(lives, deliveries, async (changes, cuts) => {
        const shardId = `shard-${(shards += 1)}`;
        const before = await ports.statistics.queue();
        for (const batch of batches(changes, cuts)) await ports.statistics.add({ shardId, changes: batch });
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

  test('count each change once when it is told to several processes at the same time', async () => {
    const ports = new TestPorts(context);
    const changes = fc.sample(life(0, 40), { numRuns: 1, seed: 7 }).flatMap((all) => lived(aTask(), all).changes);
    const batch = { shardId: 'shard', changes: inShard(changes) };
    const answers = await Promise.all(Array.from({ length: 8 }, () => ports.another().statistics.add(batch)));
    expect(answers.filter((counts) => counts !== undefined)).toHaveLength(1);
    expect(await ports.statistics.queue()).toMatchObject(recount(batch.changes));
  });

  test('count the changes of several shards, each of which is repeated', async () => {
    const ports = new TestPorts(context);
    const shards = ['one', 'two', 'three'].map((shardId) => ({
      shardId,
      changes: inShard(lived(aWaitingTask(1, { id: shardId }), []).changes),
    }));
    await Promise.all([...shards, ...shards].map((batch) => ports.another().statistics.add(batch)));
    expect(await ports.statistics.queue()).toMatchObject({ waiting: 3, pending: 0 });
  });

  test('take a task that was deleted for one that has been', async () => {
    const ports = new TestPorts(context);
    const completed = completedTask();
    const changes = inShard([
      { id: '1', at: 0, before: undefined, after: completed },
      { id: '2', at: 0, before: completed, after: undefined },
    ]);
    await ports.statistics.add({ shardId: 'shard', changes });
    await ports.statistics.add({ shardId: 'shard', changes: [] });
    expect(await ports.statistics.queue()).toEqual({ ...noCounts(), completed: 1, executions: 1 });
  });

  describe('forget a shard', () => {
    const change = inShard([{ id: '1', at: 0, before: undefined, after: aTask() }]);
    const countTwice = async (ports: TestPorts) => {
      await ports.statistics.add({ shardId: 'shard', changes: change });
      return (await ports.statistics.queue()).pending === 2;
    };

    test('two days after its last change, and not before', async () => {
      const ports = new TestPorts(context);
      await ports.statistics.add({ shardId: 'shard', changes: change });
      ports.clock.advance('47h');
      await ports.statistics.prune(ports.clock.now());
      expect(await countTwice(ports)).toBe(false);
      ports.clock.advance('1h');
      await ports.statistics.prune(ports.clock.now());
      expect(await countTwice(ports)).toBe(true);
    });

    test('unless it has told a change meanwhile', async () => {
      const ports = new TestPorts(context);
      await ports.statistics.add({ shardId: 'shard', changes: change });
      ports.clock.advance('48h');
      const later = change.map((one) => ({ ...one, sequenceNumber: '999' }));
      beforeCall(context.edge, updates('"S"'), () =>
        ports.another().statistics.add({ shardId: 'shard', changes: later }),
      );
      await ports.statistics.prune(ports.clock.now());
      await ports.statistics.add({ shardId: 'shard', changes: later });
      expect((await ports.statistics.queue()).pending).toBe(2);
    });
  });

  test('a stream shard may lose five records an hour, whatever other shards lose', async () => {
    const ports = new TestPorts(context);
    const admitted = async (shardId: string, tries: number) => {
      // Consumers that race for the last one must not both get it.
      const asked = Array.from({ length: tries }, () => ports.statistics.admitPoison(shardId, ports.clock.now()));
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
