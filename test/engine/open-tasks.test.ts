import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import { awsError, type AwsCall } from '#local/edge/call.ts';
import { statisticsKey } from '#shared/adapters/item-keys.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import { createTask } from '#shared/operations/tasks/create-task.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { aTask } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnEngine('the limit of open tasks', createMusterTables, (context) => {
  const max = 3;

  /** The ports of a stage with this many open tasks according to its counts. */
  async function stageWith(open: number): Promise<TestPorts> {
    const ports = limited(new TestPorts(context));
    const changes = Array.from({ length: open }, (_, n) => {
      return { sequenceNumber: String(n + 1), before: undefined, after: aTask({ id: `open-${n}` }) };
    });
    await ports.counting.add({ shardId: 'shard-1', changes });
    return ports;
  }
  const limited = (ports: TestPorts) => Object.assign(ports, { settings: { ...defaultSettings, maxOpenTasks: max } });
  const creation = (ports: TestPorts) =>
    ports.perform(createTask, { content: 'x', routing: 'manual' }).then(
      () => 'created',
      (error: unknown) => (error as { code?: string }).code,
    );
  const setCount = (name: string, to: number) =>
    context.documentClient.send(
      new UpdateCommand({
        TableName: context.tables.agents,
        Key: statisticsKey,
        UpdateExpression: 'SET #name = :to',
        ExpressionAttributeNames: { '#name': name },
        ExpressionAttributeValues: { ':to': to },
      }),
    );

  const readsCounts = ({ action, body }: AwsCall) =>
    action === 'GetItem' && (body['Key'] as { pk: { S: string } }).pk.S === statisticsKey.pk;

  test('is not exceeded by any process until some have ended', async () => {
    const ports = await stageWith(max);
    const another = limited(ports.another());
    expect(await creation(another)).toBe('too_many_open_tasks');
    await setCount('pending', max - 1);
    expect(await creation(another), 'as counted within this second').toBe('too_many_open_tasks');
    ports.clock.advance('1s');
    expect(await creation(another)).toBe('created');
  });

  test.each<[string, (ports: TestPorts) => Promise<unknown>]>([
    ['one is below zero', () => Promise.all([setCount('pending', 2 * max), setCount('running', -1)])],
    ['they contradict each other', () => setCount('pendingAuto', max + 1)],
    [
      'nothing was added to them for a long time',
      (ports) => {
        ports.clock.advance('11m');
        return Promise.resolve();
      },
    ],
  ])('refuses nothing if the counts are in doubt: %s', async (_, spoil) => {
    const ports = await stageWith(max);
    await setCount('pending', max);
    expect(await creation(limited(ports.another()))).toBe('too_many_open_tasks');
    await spoil(ports);
    expect(await creation(limited(ports.another()))).toBe('created');
  });

  test('refuses nothing while the counts cannot be read', async () => {
    const ports = await stageWith(max);
    await setCount('pending', max);
    const recover = context.edge.intercept((call, next) =>
      readsCounts(call) ? Promise.resolve(awsError('ThrottlingException', 'No capacity.')) : next(),
    );
    onTestFinished(recover);
    expect(await creation(limited(ports.another()))).toBe('created');
  });

  test('takes one read of the counts for many creations, outside the request while far below the limit', async () => {
    const ports = await stageWith(1);
    await creation(ports);
    let reads = 0;
    const end = context.edge.intercept((call, next) => {
      if (readsCounts(call)) reads += 1;
      return next();
    });
    onTestFinished(end);
    for (let n = 0; n < 40; n += 1) {
      ports.clock.advance('1s');
      expect(await creation(ports)).toBe('created');
    }
    expect(reads).toBe(1);
  });
});
