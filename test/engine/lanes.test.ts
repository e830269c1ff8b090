import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { awsError, type AwsCall } from '#local/edge/call.ts';
import { Table } from '#shared/adapters/table.ts';
import { DynamoDbTasks } from '#shared/adapters/tasks.ts';
import { laneKey, type Lane } from '#shared/domain/lane.ts';
import { cancel, enterLane } from '#shared/domain/lifecycle.ts';
import { times } from '#shared/domain/settings.ts';
import { retryTask } from '#shared/operations/tasks/retry-task.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { claim } from '#shared/steps/claim-work.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { day, hour } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

const lane = (...requirements: string[]): Lane => ({ key: laneKey(requirements), routing: 'auto', requirements });
const able = { python: { confidence: 1, source: 'declared' as const } };
const fresh = { fresh: true };

describeOnEngine('a lane', createMusterTables, (context) => {
  const keys = async (found: Promise<Lane[]>) => (await found).map(({ key }) => key).sort();

  test('is found by agents that can serve it, at once by those that looked before and must know', async () => {
    const [ports, other] = [new TestPorts(context), new TestPorts(context)];
    await ports.lanes.register(lane('python'));
    expect(await keys(other.lanes.servable(able, fresh))).toEqual(['python']);
    await ports.lanes.register(lane());
    await ports.lanes.register(lane('python', 'web'));
    expect(await keys(other.lanes.servable(able))).toEqual(['python']);
    expect(await keys(other.lanes.servable(able, fresh))).toEqual(['', 'python']);
    expect(await keys(other.lanes.all())).toEqual(['', 'python', 'python|web']);
  });

  test('is found after 10 seconds by those that look occasionally', async () => {
    const ports = new TestPorts(context);
    const other = ports.another();
    expect(await keys(other.lanes.servable(able))).toEqual([]);
    await ports.lanes.register(lane('python'));
    ports.clock.advance('9s');
    expect(await keys(other.lanes.servable(able))).toEqual([]);
    ports.clock.advance('1s');
    expect(await keys(other.lanes.servable(able))).toEqual(['python']);
  });

  test('is completed by the next process that registers it if the first one died', async () => {
    const [ports, other] = [new TestPorts(context), new TestPorts(context)];
    expect(await keys(other.lanes.servable(able, fresh))).toEqual([]);
    const recover = context.edge.intercept((call, next) =>
      updates('"version"')(call) ? Promise.resolve(awsError('AccessDeniedException', 'The process has died.')) : next(),
    );
    await expect(ports.lanes.register(lane('python'))).rejects.toThrow('died');
    recover();
    await ports.another().lanes.register(lane('python'));
    expect(await keys(other.lanes.servable(able, fresh))).toEqual(['python']);
  });

  test('is marked as used every hour, and registered for longer than any task in it can live', async () => {
    const ports = new TestPorts(context);
    const lifetime = times.maxAgeMs + ports.settings.retentionMs;
    const expiries = async () => {
      const items = await context.documentClient.send(new ScanCommand({ TableName: context.tables.agents }));
      return (items.Items ?? []).flatMap(({ ttl }) => (ttl === undefined ? [] : [Number(ttl) * 1000]));
    };
    await ports.lanes.register(lane('python'));
    const first = await expiries();
    expect(first).toHaveLength(3);
    ports.clock.advance(hour - 1);
    await ports.lanes.register(lane('python'));
    expect(await expiries()).toEqual(first);
    expect(Math.min(...first)).toBeGreaterThan(ports.clock.now() + lifetime);
    ports.clock.advance(1);
    await ports.lanes.register(lane('python'));
    expect(Math.min(...(await expiries()))).toBeGreaterThan(Math.max(...first));
  });

  test('returns its requirements, even if their names are too long for its key', async () => {
    const ports = new TestPorts(context);
    const long = lane('a'.repeat(64), 'b'.repeat(64));
    await ports.lanes.register(long);
    const required = await ports.another().lanes.requirements(['', 'python|web', long.key]);
    expect(Object.fromEntries(required)).toEqual({
      '': [],
      'python|web': ['python', 'web'],
      [long.key]: long.requirements,
    });
  });

  describe('that is empty and was not used for a day', () => {
    const found = { ...lane('python'), usedAt: 0 };
    const retires = ({ action, body }: AwsCall) =>
      action === 'UpdateItem' && String(body['UpdateExpression']).includes('dormantSince = :now');
    const sweepAll = async (ports: TestPorts) => expect(await sweep(ports, () => true)).toEqual([]);

    test('becomes dormant: it is no longer read', async () => {
      const ports = new TestPorts(context);
      const task = await ports.create({ requirements: ['python'] });
      await ports.tasks.apply(task.id, cancel(task, undefined, ports.clock.now()));
      ports.clock.advance(day - 1);
      await sweepAll(ports);
      expect(await keys(ports.lanes.all())).toEqual(['python']);
      ports.clock.advance(1);
      await sweepAll(ports);
      const other = ports.another();
      expect(await keys(other.lanes.all())).toEqual([]);
      expect(await keys(other.lanes.servable(able))).toEqual([]);
      expect((await other.lanes.nextActive(10)).items).toEqual([]);
      expect(await other.lanes.nextInactive()).toMatchObject([{ key: 'python' }]);
    });

    test('stays active while it has a task', async () => {
      const ports = new TestPorts(context);
      await ports.create({ requirements: ['python'] });
      ports.clock.advance(30 * day);
      await sweepAll(ports);
      expect(await keys(ports.lanes.all())).toEqual(['python']);
    });

    test('stays active if it is used at that moment', async () => {
      const ports = new TestPorts(context);
      await ports.lanes.register(lane('python'));
      ports.clock.advance(day);
      beforeCall(context.edge, retires, () => ports.another().lanes.register(lane('python')));
      await ports.lanes.retire(found);
      expect(await keys(ports.another().lanes.all())).toEqual(['python']);
    });

    test('is found if it is activated while it is being retired', async () => {
      const ports = new TestPorts(context);
      await ports.lanes.register(lane('python'));
      ports.clock.advance(day);
      beforeCall(
        context.edge,
        ({ action }) => action === 'DeleteItem',
        () => ports.another().lanes.register(lane('python')),
      );
      await ports.lanes.retire(found);
      const other = ports.another();
      expect(await keys(other.lanes.all())).toEqual(['python']);
      expect(await keys(other.lanes.servable(able))).toEqual(['python']);
    });

    test('leaves nothing behind if it is retired again by the next sweep', async () => {
      const ports = new TestPorts(context);
      await ports.lanes.register(lane('python'));
      ports.clock.advance(day);
      const recover = context.edge.intercept((call, next) =>
        call.action === 'DeleteItem' ? Promise.resolve(awsError('AccessDeniedException', 'It has died.')) : next(),
      );
      await expect(ports.lanes.retire(found)).rejects.toThrow('died');
      recover();
      expect(await keys(ports.another().lanes.all())).toEqual(['python']);
      await sweepAll(ports);
      expect(await keys(ports.another().lanes.all())).toEqual([]);
    });

    /** An agent whose process has cached the lanes from when this one was dormant. */
    async function dormant(ports: TestPorts, requirements: string[]) {
      ports.clock.advance('25h');
      await sweepAll(ports);
      const other = ports.another();
      const agent = await other.register('ada', requirements);
      const claimed = async () => (await claim(other, agent, { limit: 1, start: true })).tasks;
      expect(await claimed()).toEqual([]);
      expect(await ports.lanes.all()).toEqual([]);
      return { claimed };
    }

    const long = ['a'.repeat(64), 'b'.repeat(64)];

    test.each([{ requirements: ['python'] }, { requirements: long }])(
      'is activated for a task whose delay ends, before anyone can miss it: $requirements',
      async ({ requirements }) => {
        const ports = new TestPorts(context);
        const notBefore = new Date(ports.clock.now() + 26 * hour).toISOString();
        const task = await ports.create({ requirements, not_before: notBefore });
        const { claimed } = await dormant(ports, requirements);
        ports.clock.advance(hour);
        await sweepAll(ports.another());
        expect(await claimed()).toMatchObject([{ task_id: task.id }]);
      },
    );

    test('is activated for a task whose last dependency is met', async () => {
      const ports = new TestPorts(context);
      const parent = await ports.create({ not_before: new Date(ports.clock.now() + 29 * day).toISOString() });
      const child = await ports.create({
        requirements: ['python'],
        dependencies: [parent.id],
        on_dependency_failure: 'run_anyway',
      });
      const { claimed } = await dormant(ports, ['python']);
      await ports.tasks.apply(parent.id, cancel(parent, undefined, ports.clock.now()));
      await releaseDependents(ports.another(), { id: parent.id, status: 'cancelled' });
      expect(await claimed()).toMatchObject([{ task_id: child.id }]);
    });

    test('is activated for a new task, and for a retried one', async () => {
      const ports = new TestPorts(context);
      const old = await ports.create({ requirements: ['python'] });
      await ports.tasks.apply(old.id, cancel(old, undefined, ports.clock.now()));
      const { claimed } = await dormant(ports, ['python']);
      await ports.another().perform(retryTask, { task_id: old.id });
      expect(await claimed()).toMatchObject([{ task_id: old.id }]);
    });

    test('is activated within an hour of sweeps if it has a task for whatever reason', async () => {
      const ports = new TestPorts(context);
      await ports.lanes.register(lane('python'));
      ports.clock.advance('25h');
      await sweepAll(ports);
      // Like a process that was paused for a day.
      const [task, held] = [await ports.create({ requirements: ['sql'] }), ports.clock.now()];
      const entry = { in: 'lane', lane: 'python', routing: 'auto', order: '1', timeoutMs: 1000, attempt: 0 } as const;
      const lanes = { use: () => Promise.resolve() };
      const tasks = new DynamoDbTasks(
        new Table(context.client, context.tables.tasks),
        ports.clock,
        ports.settings,
        lanes,
      );
      await tasks.apply(task.id, enterLane({ ...task, status: 'pending', readyAt: held }, entry));
      expect(await keys(ports.lanes.all())).toEqual(['sql']);
      await sweepAll(ports);
      expect(await keys(ports.lanes.all())).toEqual(['python', 'sql']);
    });
  });

  test('is refused if there are too many, unless it is in use, and the least used ones are named', async () => {
    const ports = new TestPorts(context);
    await ports.create({ requirements: ['python'] });
    const now = ports.clock.now();
    const others = Array.from({ length: 999 }, (_, n) => ({
      pk: 'LA',
      sk: `auto#skill-${n}`,
      requirements: [`skill-${n}`],
      usedAt: now - 1000 * hour + n * 1000,
    }));
    await new Table(context.client, context.tables.agents).putMany(others);
    const other = ports.another();
    await expect(other.create({ requirements: ['sql'] })).rejects.toMatchObject({
      code: 'too_many_lanes',
      message: expect.stringMatching(/require sql: 1000 .*Least used: skill-0; skill-1; skill-2;/) as string,
    });
    await other.create({ requirements: ['python'] });
    await other.create({ requirements: ['python'], routing: 'manual' });
    expect(await other.lanes.requirements(['sql'])).toEqual(new Map([['sql', ['sql']]]));
  });
});
