import { expect, test } from 'vitest';
import { countChanges } from '#shared/reactions/count-changes.ts';
import type { CountedBatch } from '#shared/ports.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { aTask, assignedTask, completedTask, runningTask } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

/** The life of a pushed task, as in the stream. */
const life = [
  [undefined, aTask()],
  [aTask(), assignedTask()],
  [assignedTask(), runningTask()],
  [runningTask(), completedTask()],
] as const;

describeOnEngine('a batch of changes', createMusterTables, (context) => {
  let told = 0;

  /** A shard's batch with this many lives. */
  function batchOf(shardId: string, tasks: number): CountedBatch {
    const changes = Array.from({ length: tasks }, () => life).flat();
    return {
      shardId,
      changes: changes.map(([before, after]) => ({ before, after, sequenceNumber: String((told += 1)) })),
    };
  }

  test('is counted once even if its process dies after the write, before it responds', async () => {
    const ports = new TestPorts(context);
    await countChanges(ports, batchOf('shard', 1));
    const batch = batchOf('shard', 5);
    let isDead = false;
    const revive = context.edge.intercept(async (call, next) => {
      if (isDead) return undefined;
      const answer = await next();
      isDead = updates('"S":"S"')(call) && answer?.status === 200;
      return isDead ? undefined : answer;
    });
    await expect(countChanges(ports, batch)).rejects.toThrow();
    revive();

    // Lambda delivers it again, perhaps split differently and with later changes.
    const again = ports.another();
    await countChanges(again, { ...batch, changes: batch.changes.slice(0, 7) });
    await countChanges(again, { ...batch, changes: [...batch.changes.slice(7), ...batchOf('shard', 1).changes] });
    await countChanges(again, batch);
    expect(await ports.statistics.queue()).toMatchObject({ completed: 7, pending: 0, running: 0, executions: 7 });
  });

  test.each([
    { rate: 1, units: 2 },
    { rate: 10, units: 0.2 },
    { rate: 40, units: 0.05 },
  ])('of a second costs at most $units write units a task at $rate tasks a second', async ({ rate, units }) => {
    const ports = new TestPorts(context);
    // A shard lives for about four hours, and its checkpoint for a day longer.
    for (let n = 0; n < 6; n += 1) await ports.counting.add(batchOf(`shardId-0000000172${n}612345678-abcdef12`, 1));
    await ports.counting.add(batchOf('shardId-00000001726612345678-abcdef12', rate));
    const before = context.meter.snapshot();
    for (let n = 0; n < 10; n += 1) {
      await countChanges(ports, batchOf('shardId-00000001726612345678-abcdef12', rate));
    }
    const { calls, writeUnits } = context.meter.since(before).total();
    expect(calls).toBe(10);
    expect(writeUnits / (10 * rate)).toBeLessThanOrEqual(units);
  });
});
