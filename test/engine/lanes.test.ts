import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { awsError } from '#local/edge/call.ts';
import { laneKey, type Lane } from '#shared/domain/lane.ts';
import { times } from '#shared/domain/settings.ts';
import { describeOnBothEngines } from '../support/dynamodb.ts';
import { updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { day } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

const lane = (...requirements: string[]): Lane => ({ key: laneKey(requirements), routing: 'auto', requirements });
const able = { python: { confidence: 1, source: 'declared' as const } };
const fresh = { fresh: true };

describeOnBothEngines('a lane', createMusterTables, (context) => {
  const keys = async (found: Promise<Lane[]>) => (await found).map(({ key }) => key).sort();

  test('is found by who can serve it, at once by who has looked before and must know', async () => {
    const [ports, other] = [new TestPorts(context), new TestPorts(context)];
    await ports.lanes.register(lane('python'));
    expect(await keys(other.lanes.servable(able, fresh))).toEqual(['python']);
    await ports.lanes.register(lane());
    await ports.lanes.register(lane('python', 'web'));
    expect(await keys(other.lanes.servable(able))).toEqual(['python']);
    expect(await keys(other.lanes.servable(able, fresh))).toEqual(['', 'python']);
    expect(await keys(other.lanes.all())).toEqual(['', 'python', 'python|web']);
  });

  test('is found after 10 seconds by who only looks now and then', async () => {
    const ports = new TestPorts(context);
    const other = ports.another();
    expect(await keys(other.lanes.servable(able))).toEqual([]);
    await ports.lanes.register(lane('python'));
    ports.clock.advance('9s');
    expect(await keys(other.lanes.servable(able))).toEqual([]);
    ports.clock.advance('1s');
    expect(await keys(other.lanes.servable(able))).toEqual(['python']);
  });

  test('is made known by the next who registers it when the first died before', async () => {
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

  test('is registered anew each day, for longer than any task in it can live', async () => {
    const ports = new TestPorts(context);
    const lifetime = times.maxAgeMs + ports.settings.retentionMs;
    const expiries = async () => {
      const items = await context.documentClient.send(new ScanCommand({ TableName: context.tables.agents }));
      return (items.Items ?? []).flatMap(({ ttl }) => (ttl === undefined ? [] : [Number(ttl) * 1000]));
    };
    await ports.lanes.register(lane('python'));
    const first = await expiries();
    expect(first).toHaveLength(2);
    ports.clock.advance(day - 1);
    await ports.lanes.register(lane('python'));
    expect(await expiries()).toEqual(first);
    expect(Math.min(...first)).toBeGreaterThan(ports.clock.now() + lifetime);
    ports.clock.advance(1);
    await ports.lanes.register(lane('python'));
    expect(Math.min(...(await expiries()))).toBeGreaterThan(ports.clock.now() + lifetime);
  });

  test('tells what it requires, also when its names are too long for its key', async () => {
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
});
