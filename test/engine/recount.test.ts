import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import type { Status } from '#shared/contract/nouns.ts';
import { recounted, type OpenCounts } from '#shared/domain/statistics.ts';
import { isEnded } from '#shared/domain/task.ts';
import { cancelTask } from '#shared/operations/tasks/cancel-task.ts';
import { retryTask } from '#shared/operations/tasks/retry-task.ts';
import { getQueueStatistics } from '#shared/operations/statistics/get-queue-statistics.ts';
import { recount } from '#shared/operations/statistics/recount.ts';
import { claimTasks } from '#shared/operations/work/claim-tasks.ts';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { failTask } from '#shared/operations/work/fail-task.ts';
import { releaseTask } from '#shared/operations/work/release-task.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { followChanges } from '../support/follow-changes.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { Chance } from '../support/random.ts';
import { allTaskChanges } from '../support/task-changes.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnEngine('a recount', createMusterTables, (context, kind) => {
  /** A stream consumer that gets changes when the test says so. */
  class Consumer {
    readonly #ports: TestPorts;
    #told = 0;

    constructor(ports: TestPorts) {
      this.#ports = ports;
    }

    /** @returns whether there were any changes */
    async consume(most = Infinity): Promise<boolean> {
      const changes = (await allTaskChanges(context)).slice(this.#told, this.#told + most);
      for (let n = 0; n < changes.length; n += 100) {
        await followChanges(this.#ports, { shardId: 'shard', changes: changes.slice(n, n + 100) });
      }
      this.#told += changes.length;
      return changes.length > 0;
    }

    async consumeAll(): Promise<void> {
      while (await this.consume());
    }
  }

  const setCounts = (counts: Partial<Record<string, number>>) =>
    context.documentClient.send(
      new UpdateCommand({
        TableName: context.tables.agents,
        Key: { pk: 'S', sk: 'S' },
        UpdateExpression: `SET ${Object.keys(counts)
          .map((name) => `#${name} = :${name}`)
          .join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(Object.keys(counts).map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: Object.fromEntries(Object.entries(counts).map(([name, n]) => [`:${name}`, n])),
      }),
    );

  /** The correct counts, from reading every task. */
  async function truth(ports: TestPorts, ids: readonly string[]): Promise<OpenCounts> {
    const open = (await ports.tasks.getMany(ids, { consistent: true })).filter((task) => !isEnded(task));
    const count = (status: Status) => open.filter((task) => task.status === status).length;
    const [waiting, blocked, pending] = [count('waiting'), count('blocked'), count('pending')];
    const pendingAuto = open.filter(({ status, routing }) => status === 'pending' && routing === 'auto').length;
    return { waiting, blocked, pending, assigned: count('assigned'), running: count('running'), pendingAuto };
  }

  const openCounts = async (ports: TestPorts): Promise<OpenCounts> => {
    const counts = await ports.statistics.queue();
    return Object.fromEntries(recounted.map((name) => [name, counts[name]])) as OpenCounts;
  };

  type Answer = { tasks: number; next_cursor?: string };

  // The sums do not depend on the engine, and Amazon's takes three times as long.
  const seeds = kind === 'dynoxide' ? [1, 2, 3] : [1];

  test.each(seeds)('is exact while tasks are created, claimed and completed (%i)', async (seed) => {
    const ports = new TestPorts(context);
    const consumer = new Consumer(ports.another());
    const chance = new Chance(seed);
    const ids: string[] = [];
    const held: { task_id: string; attempt: number }[] = [];
    await ports.register('ada', ['python'], 50);

    const create = async () => {
      const dependencies = chance.happens(0.3) ? ids.slice(-2) : [];
      const notBefore = new Date(ports.clock.now() + 3_600_000).toISOString();
      const task = await ports.create({
        routing: chance.happens(0.5) ? 'auto' : 'manual',
        requirements: chance.happens(0.5) ? ['python'] : [],
        dependencies,
        ...(chance.happens(0.1) && { not_before: notBefore }),
      });
      ids.push(task.id);
    };
    const claim = async () => {
      const start = chance.happens(0.7);
      const { tasks } = (await ports.perform(
        claimTasks,
        { agent_id: 'ada', limit: 2, start, holding: held },
        'ada',
      )) as {
        tasks: typeof held;
      };
      held.push(...tasks.map(({ task_id, attempt }) => ({ task_id, attempt })));
    };
    const report = async () => {
      const one = held.shift();
      if (!one) return;
      const { task_id, attempt } = one;
      const [operation, input] = chance.pick([
        [completeTask, {}],
        [completeTask, {}],
        [failTask, { error: 'chance' }],
        [releaseTask, {}],
      ] as const);
      await ports.perform(operation, { task_id, attempt, ...input }, 'ada').catch(() => undefined);
    };
    const disturb = async () => {
      const operation = chance.pick([cancelTask, retryTask]);
      if (ids.length > 0) await ports.perform(operation, { task_id: chance.pick(ids) }).catch(() => undefined);
    };
    const moves = [create, create, create, claim, claim, report, report, disturb];

    for (let n = 0; n < 30; n += 1) await chance.pick(moves)();
    await consumer.consumeAll();
    expect(await openCounts(ports)).toEqual(await truth(ports, ids));
    const { completed } = await ports.statistics.queue();
    await setCounts({ pending: -7, pendingAuto: -20, running: 12, waiting: 3, completed: completed + 1000 });

    let cursor: string | undefined;
    for (let n = 0; n < 40; n += 1) {
      await chance.pick(moves)();
      if (chance.happens(0.3)) await consumer.consume(1 + Math.floor(chance.fraction() * 10));
      if (chance.happens(0.4)) ports.clock.advance(Math.floor(chance.fraction() * 15_000));
      if (chance.happens(0.2)) cursor = ((await ports.another().perform(recount, { cursor })) as Answer).next_cursor;
    }
    for (let n = 0; n < 20 && (n === 0 || cursor !== undefined); n += 1) {
      await consumer.consumeAll();
      ports.clock.advance(5000);
      cursor = ((await ports.perform(recount, { cursor })) as Answer).next_cursor;
    }
    expect(cursor).toBeUndefined();
    for (let n = 0; n < 10; n += 1) await chance.pick(moves)();
    await consumer.consumeAll();
    expect(await openCounts(ports)).toEqual(await truth(ports, ids));
    // Counts of ended tasks are cumulative and continue from their value.
    expect((await ports.statistics.queue()).completed).toBeGreaterThanOrEqual(completed + 1000);
  });

  test('continues where it was, in as many calls as it takes, and can be joined by others', async () => {
    const ports = new TestPorts(context);
    const consumer = new Consumer(ports.another());
    for (let n = 0; n < 5; n += 1) await ports.create({ requirements: [`skill-${n}`] });
    await consumer.consumeAll();
    await setCounts({ pending: 0 });
    const first = (await ports.perform(recount, {})) as Answer;
    expect(first).toEqual({ tasks: 0, next_cursor: '1' });
    expect(await ports.another().perform(recount, {})).toEqual(first);
    ports.clock.advance('16s');
    const marking = (await ports.perform(recount, { cursor: '1' })) as Answer;
    // Its marks have not been counted yet.
    expect(marking).toEqual({ tasks: 5, next_cursor: '1' });
    expect((await ports.statistics.queue()).pending).toBe(0);
    await consumer.consumeAll();
    expect(await ports.perform(recount, { cursor: '1' })).toEqual({ tasks: 0 });
    expect((await ports.statistics.queue()).pending).toBe(5);
    expect(await ports.perform(recount, { cursor: '1' })).toEqual({ tasks: 0 });
  });

  describe('by the sweep', () => {
    const sweepThrice = async (ports: TestPorts, consumer: Consumer) => {
      for (let n = 0; n < 3; n += 1) {
        expect(await sweep(ports, () => true)).toEqual([]);
        await consumer.consumeAll();
        ports.clock.advance('1m');
      }
    };

    test.each([{ pendingAuto: -20 }, { pendingAuto: 0 }, { running: -1 }])(
      'corrects impossible counts within minutes: %o',
      async (wrong) => {
        const ports = new TestPorts(context);
        const consumer = new Consumer(ports.another());
        await ports.create({ routing: 'auto' });
        await consumer.consumeAll();
        await setCounts(wrong);
        ports.clock.advance('2m');
        await sweepThrice(ports, consumer);
        expect(await openCounts(ports)).toMatchObject({ pending: 1, pendingAuto: 1, running: 0 });
      },
    );

    test('is not started if the counts may be right', async () => {
      const ports = new TestPorts(context);
      const consumer = new Consumer(ports.another());
      await ports.create({ routing: 'auto' });
      await consumer.consumeAll();
      ports.clock.advance('2m');
      await sweepThrice(ports, consumer);
      expect(await ports.recounts.latest()).toMatchObject({ ended: 0, underWay: undefined });
    });
  });

  test('is not needed to wake a freed agent: a count below zero is ignored', async () => {
    const ports = new TestPorts(context);
    const consumer = new Consumer(ports.another());
    await ports.register('ada', [], 1);
    const held = await ports.give(await ports.create(), 'ada');
    await ports.create({ routing: 'auto' });
    await consumer.consumeAll();
    await setCounts({ pendingAuto: -20 });
    ports.sentWakeUps.length = 0;
    await ports.perform(completeTask, { task_id: held.id, attempt: held.attempt }, 'ada');
    await consumer.consumeAll();
    expect(ports.sentWakeUps.map(({ wakeUp }) => wakeUp)).toEqual([{ agent_id: 'ada' }]);
  });

  test('or not, no count is shown as negative', async () => {
    const ports = new TestPorts(context);
    await setCounts({ pending: -3, running: -1, completed: 2 });
    expect(await ports.perform(getQueueStatistics, {})).toMatchObject({ pending: 0, running: 0, total: 2 });
  });
});
