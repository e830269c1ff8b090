/** The cost of refused requests, counted at the edge: reads, and next to no writes. */
import { expect, onTestFinished, test } from 'vitest';
import { awsAnswer } from '#local/edge/call.ts';
import type { AwsCall } from '#local/edge/edge.ts';
import { complete } from '#shared/domain/holding.ts';
import { limits } from '#shared/contract/limits.ts';
import { submitGraph } from '#shared/operations/graphs/submit-graph.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { aTask, hour } from '../support/tasks.ts';
import { refusalCode, TestPorts } from '../support/test-ports.ts';

const large = 'x'.repeat(50_000);
const nobody = 'nobody';

describeOnEngine('a request', createMusterTables, (context) => {
  async function parents(ports: TestPorts, count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, (_, n) => `parent-${n}`);
    await Promise.all(ids.map((id) => ports.store(aTask({ id }))));
    return ids;
  }
  async function finish(ports: TestPorts, id: string): Promise<void> {
    const { agentId } = await ports.give(await ports.task(id), 'worker');
    await ports.tasks.apply(id, complete({ agentId, attempt: undefined }, {}, ports.clock.now()));
    await releaseDependents(ports, { id, status: 'completed' });
  }
  const costOf = async (step: () => Promise<unknown>) => {
    const before = context.meter.snapshot();
    await step();
    return context.meter.since(before).total();
  };
  const readsMany = (consistent: boolean) => (call: AwsCall) =>
    call.action === 'BatchGetItem' && JSON.stringify(call.body).includes(`"ConsistentRead":${consistent}`);

  test('with many dependencies, one of them unknown, writes nothing', async () => {
    const ports = new TestPorts(context);
    const known = await parents(ports, 30);
    const dependencies = [...known, ...Array.from({ length: limits.dependencies - 30 }, (_, n) => `${nobody}-${n}`)];
    const code = () => refusalCode(ports.create({ dependencies, content: 'child' }));
    expect(await costOf(async () => expect(await code()).toBe('unknown_dependency'))).toMatchObject({ writeUnits: 0 });
  });

  test('with a large payload and an unknown dependency writes nothing', async () => {
    const ports = new TestPorts(context);
    const code = () => refusalCode(ports.create({ dependencies: [nobody], content: large }));
    expect(await costOf(async () => expect(await code()).toBe('unknown_dependency'))).toMatchObject({ writeUnits: 0 });
  });

  test('that is small writes at most ten units before it is refused, and takes three calls otherwise', async () => {
    const ports = new TestPorts(context);
    const known = await parents(ports, 9);
    const warm = { content: 'child', requirements: ['python'] };
    await ports.create(warm);
    const code = () => refusalCode(ports.create({ ...warm, dependencies: [...known, nobody] }));
    const refused = await costOf(async () => expect(await code()).toBe('unknown_dependency'));
    expect(refused.writeUnits).toBeLessThanOrEqual(10);
    expect(await costOf(() => ports.create({ ...warm, dependencies: known }))).toMatchObject({ calls: 3 });
  });

  test('that is repeated with a large payload reads what it has created, and writes nothing', async () => {
    const ports = new TestPorts(context);
    const [parent = ''] = await parents(ports, 1);
    const body = { dependencies: [parent], content: large, idempotency_key: 'key' };
    const first = await ports.create(body);
    expect(await costOf(async () => expect(await ports.create(body)).toEqual(first))).toMatchObject({ writeUnits: 0 });

    const otherBody = () => refusalCode(ports.create({ ...body, content: `${large}y` }));
    const refused = await costOf(async () => expect(await otherBody()).toBe('idempotency_mismatch'));
    expect(refused).toMatchObject({ writeUnits: 0 });
  });

  test('that is repeated after its dependencies were deleted is still a repeat, whatever its size', async () => {
    const ports = new TestPorts(context);
    await ports.register('worker');
    const [parent = ''] = await parents(ports, 1);
    const bodies = ['small', large].map((content) => ({
      content,
      dependencies: [parent],
      idempotency_key: content.slice(0, 5),
    }));
    const created = await Promise.all(bodies.map((body) => ports.create(body)));
    await finish(ports, parent);
    ports.clock.advance(ports.settings.retentionMs + hour);
    for (const [n, body] of bodies.entries()) {
      expect(await ports.create(body)).toMatchObject({ id: created[n]?.id, status: 'pending' });
    }
  });

  test('finds dependencies created just before, even if the first read does not show them yet', async () => {
    const ports = new TestPorts(context);
    const dependencies = await parents(ports, 20);
    const recover = context.edge.intercept((call, next) =>
      readsMany(false)(call) ? Promise.resolve(awsAnswer(200, { Responses: {}, UnprocessedKeys: {} })) : next(),
    );
    onTestFinished(recover);
    expect(await ports.create({ dependencies, content: 'child' })).toMatchObject({ status: 'waiting' });
    expect(await refusalCode(ports.create({ dependencies: [...dependencies, nobody] }))).toBe('unknown_dependency');
  });

  test('rereads open dependencies after writing their edges, but not completed ones', async () => {
    const ports = new TestPorts(context);
    await ports.register('worker');
    const [first = '', second = '', ...others] = await parents(ports, 20);
    await finish(ports, first);
    const reads: number[] = [];
    const recover = context.edge.intercept((call, next) => {
      if (readsMany(true)(call)) reads.push(JSON.stringify(call.body).split('"pk"').length - 1);
      return next();
    });
    onTestFinished(recover);
    const writesEdges = ({ action }: AwsCall) => action === 'BatchWriteItem';
    beforeCall(context.edge, writesEdges, () => finish(ports.another(), second));
    const dependencies = [first, second, ...others];
    expect(await ports.create({ dependencies, content: 'child' })).toMatchObject({ done: [0, 1] });
    expect(reads.at(-1)).toBe(19);
  });

  test('for a graph that depends on an unknown task writes nothing', async () => {
    const ports = new TestPorts(context);
    const [parent = ''] = await parents(ports, 1);
    const tasks = Array.from({ length: 100 }, (_, n) => ({
      key: `k${n}`,
      content: large.slice(0, 1000),
      dependencies: n === 0 ? [parent, nobody] : Array.from({ length: Math.min(n, 40) }, (__, m) => `k${m}`),
    }));
    const code = () => refusalCode(ports.perform(submitGraph, { tasks }));
    expect(await costOf(async () => expect(await code()).toBe('unknown_dependency'))).toMatchObject({ writeUnits: 0 });
  });

  test('for a graph sees what its dependencies do while their edges are written', async () => {
    const ports = new TestPorts(context);
    await ports.register('worker');
    const [first = '', second = ''] = await parents(ports, 2);
    await finish(ports, first);
    const writesEdges = ({ action }: AwsCall) => action === 'BatchWriteItem';
    beforeCall(context.edge, writesEdges, () => finish(ports.another(), second));
    const tasks = [{ key: 'one', content: 'once', routing: 'manual', dependencies: [first, second] }];
    const submitted = (await ports.perform(submitGraph, { tasks })) as { tasks: { one: string } };
    expect(await ports.task(submitted.tasks.one)).toMatchObject({ status: 'pending', done: [0, 1] });
  });
});
