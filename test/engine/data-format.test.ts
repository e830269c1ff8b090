import { expect, test } from 'vitest';
import { isAwsError, isUnavailable } from '#shared/adapters/aws-errors.ts';
import { DynamoDbDataFormat } from '#shared/adapters/data-format.ts';
import { dataFormatKey } from '#shared/adapters/item-keys.ts';
import { Table } from '#shared/adapters/table.ts';
import { dataFormat } from '#shared/schema.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { createMusterTables } from '../support/muster-tables.ts';

const refusal =
  'written by a newer version of Muster (format 3; this version reads up to 2). Deploy that version again.';

describeOnEngine('the format of the stored data', createMusterTables, (context) => {
  const unguarded = () => new Table(context.client, context.tables.agents);
  const store = (format: number) => unguarded().put({ Item: { ...dataFormatKey, format } });
  const stored = async () => (await unguarded().get(dataFormatKey))?.['format'] as number | undefined;

  /** A process of a version that reads formats up to the second and writes that of `writes`. */
  function start({ writes = 2 } = {}) {
    const format = new DynamoDbDataFormat(unguarded(), { reads: 2, writes });
    return { format, table: new Table(context.client, context.tables.tasks, format.check) };
  }

  const item = { pk: 'T#1', sk: 'T' };

  test.each([undefined, 1, 2])('%s is accepted, and read once', async (format) => {
    if (format !== undefined) await store(format);
    const { table } = start();
    const before = context.meter.snapshot();
    await table.put({ Item: item });
    expect(await table.get(item)).toEqual(item);
    expect((await table.getMany([item], true)).length).toBe(1);
    const { calls, readUnits } = context.meter
      .since(before)
      .total({ service: 'dynamodb', table: context.tables.agents });
    expect({ calls, readUnits }).toEqual({ calls: 1, readUnits: 0.5 });
  });

  test('a newer one is refused: nothing is written and nothing read is returned', async () => {
    const all = new Table(context.client, context.tables.tasks);
    await all.put({ Item: item });
    await store(3);
    const { table } = start();
    const other = { pk: 'T#2', sk: 'T' };
    const Key = item;
    const attempts = [
      () => table.put({ Item: other }),
      () => table.putMany([other]),
      () => table.update({ Key, UpdateExpression: 'SET a = :a', ExpressionAttributeValues: { ':a': 1 } }),
      () => table.delete({ Key }),
      () => table.get(Key),
      () => table.getMany([Key], false),
      () => table.page('T#1', { consistent: false }),
      () => table.query({ KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': 'T#1' } }),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toThrow(refusal);
    expect([await all.get(Key), await all.get(other)]).toEqual([item, undefined]);
  });

  test('until the newer version is back, requests get 503, and shards and messages are retried', async () => {
    await store(3);
    const { table } = start();
    const error: unknown = await table.get(item).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'unavailable' });
    expect([isUnavailable(error), isAwsError(error)]).toEqual([true, true]);
    await store(2);
    expect(await table.get(item)).toBeUndefined();
  });

  test("is recorded by the first sweep, raised by a newer version's, and never lowered", async () => {
    await start({ writes: 1 }).format.record();
    expect(await stored()).toBe(1);
    await start().format.record();
    expect(await stored()).toBe(2);
    await start({ writes: 1 }).format.record();
    expect(await stored()).toBe(2);
  });

  test('is not lowered by a process that read it before a newer version recorded its own', async () => {
    const older = start({ writes: 1 });
    await older.format.check();
    await start().format.record();
    await older.format.record();
    expect(await stored()).toBe(2);
  });

  test('is recorded once per process, however often it sweeps', async () => {
    const { format } = start();
    await format.record();
    await format.record();
    const before = context.meter.snapshot();
    await format.record();
    expect(context.meter.since(before).total({ service: 'dynamodb' }).calls).toBe(0);
  });
});

test('this version reads what it writes', () => {
  expect(dataFormat.reads).toBeGreaterThanOrEqual(dataFormat.writes);
});
