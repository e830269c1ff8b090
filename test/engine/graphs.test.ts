import { describe, expect, test } from 'vitest';
import { awsError } from '#local/edge/call.ts';
import type { AwsCall } from '#local/edge/edge.ts';
import { times } from '#shared/domain/settings.ts';
import { cancelTask } from '#shared/operations/tasks/cancel-task.ts';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { cancelGraph } from '#shared/operations/graphs/cancel-graph.ts';
import { listGraphs } from '#shared/operations/graphs/list-graphs.ts';
import { submitGraph } from '#shared/operations/graphs/submit-graph.ts';
import type { GraphRecord } from '#shared/ports.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { allTaskChanges } from '../support/task-changes.ts';
import { aTask, day, hour } from '../support/tasks.ts';
import { refusalCode, TestPorts } from '../support/test-ports.ts';

interface ListAnswer {
  graphs: { graph_id: string; title: string; total: number; counts: Record<string, number> }[];
  next_cursor?: string;
}

describeOnEngine('a graph', createMusterTables, (context) => {
  const died = () => Promise.resolve(awsError('AccessDeniedException', 'The process has died.'));
  const graph = (ports: TestPorts, bodyHash = 'body'): GraphRecord => ({
    id: 'graph',
    bodyHash,
    createdAt: ports.clock.now(),
    title: 'graph',
    total: 0,
    isWritten: false,
    decided: 0,
    tasks: [],
  });
  const input = (dependencies: string[] = []) => ({
    tasks: [{ key: 'one', content: 'once', routing: 'manual', dependencies }],
    idempotency_key: 'key',
  });
  const submit = async (ports: TestPorts, dependencies?: string[]) =>
    (await ports.perform(submitGraph, input(dependencies))) as { graph_id: string; tasks: { one: string } };
  const commits = ({ action, body }: AwsCall) =>
    action === 'PutItem' && JSON.stringify(body).includes('"sk":{"S":"G"}');
  const unwritten = (ports: TestPorts) => ports.graphs.unfinished(ports.clock.now() + 1, 10);

  test('is committed once: later requests get the first one', async () => {
    const ports = new TestPorts(context);
    const bodies = ['one', 'two', 'three', 'four'];
    await Promise.all([...bodies, 'five'].map((body) => ports.graphs.putTasks(graph(ports, body))));
    const committed = await Promise.all(bodies.map((body) => ports.graphs.commit(graph(ports, body))));
    expect(committed.filter(({ isNew }) => isNew)).toHaveLength(1);
    const first = committed.find(({ isNew }) => isNew)?.graph;
    for (const late of [...committed.filter(({ isNew }) => !isNew), await ports.graphs.commit(graph(ports, 'five'))]) {
      expect(late).toEqual({ graph: first, isNew: false });
    }
    expect(await ports.graphs.get('graph')).toEqual({ ...first, tasks: [] });
  });

  test('is found as unwritten from a given time until it is written, which is permanent', async () => {
    const ports = new TestPorts(context);
    const { createdAt } = graph(ports);
    expect(await unwritten(ports)).toEqual([]);
    await ports.graphs.putTasks(graph(ports));
    await ports.graphs.commit(graph(ports));
    expect(await ports.graphs.unfinished(createdAt, 10)).toEqual([]);
    expect(await unwritten(ports)).toEqual(['graph']);
    expect(await ports.graphs.get('graph')).toMatchObject({ isWritten: false });

    await ports.graphs.markWritten('graph');
    await ports.graphs.commit(graph(ports));
    expect(await unwritten(ports)).toEqual([]);
    expect(await ports.graphs.head('graph')).toMatchObject({ isWritten: true });
  });

  test('cannot be found before its commit', async () => {
    const ports = new TestPorts(context);
    await ports.graphs.putTasks(graph(ports));
    await ports.graphs.markWritten('graph');
    expect([await ports.graphs.head('graph'), await ports.graphs.get('graph')]).toEqual([undefined, undefined]);
  });

  describe('that is submitted again with its key, an hour of sweeps after', () => {
    const anHourLater = async (ports: TestPorts) => {
      ports.clock.advance(hour);
      expect(await sweep(ports, () => true)).toEqual([]);
    };

    test('it was refused, exists', async () => {
      const ports = new TestPorts(context);
      expect(await refusalCode(submit(ports, ['parent']))).toBe('unknown_dependency');
      await anHourLater(ports);
      await ports.store(aTask({ id: 'parent' }));
      const { tasks, graph_id } = await submit(ports, ['parent']);
      expect(await ports.task(tasks.one)).toMatchObject({ status: 'waiting', graphId: graph_id });
    });

    test('its request died before the commit, exists', async () => {
      const ports = new TestPorts(context);
      const recover = context.edge.intercept((call, next) => (commits(call) ? died() : next()));
      await expect(submit(ports)).rejects.toThrow('died');
      recover();
      await anHourLater(ports);
      const { tasks } = await submit(ports);
      expect(await ports.task(tasks.one)).toMatchObject({ status: 'pending' });
    });

    test('its request died after the commit, has been written by the sweep', async () => {
      const ports = new TestPorts(context);
      const recover = context.edge.intercept((call, next) => (updates('"T"')(call) ? died() : next()));
      await expect(submit(ports)).rejects.toThrow('died');
      recover();
      await anHourLater(ports);
      const [ready] = await ports.listings.lane({ key: '', routing: 'manual' }, 10);
      expect(await submit(ports)).toMatchObject({ tasks: { one: ready?.id } });
    });
  });

  test('committed an hour late by a process that then dies is written by the sweep', async () => {
    const ports = new TestPorts(context);
    beforeCall(context.edge, commits, async () => {
      ports.clock.advance(hour);
      await sweep(ports.another(), () => true);
    });
    const recover = context.edge.intercept((call, next) => (updates('"T"')(call) ? died() : next()));
    await expect(submit(ports)).rejects.toThrow('died');
    recover();
    await sweep(ports, () => true);
    expect(await ports.listings.lane({ key: '', routing: 'manual' }, 10)).toHaveLength(1);
    expect(await unwritten(ports)).toEqual([]);
  });

  test('with a task checked before its dependencies are written does not treat them as deleted', async () => {
    const ports = new TestPorts(context);
    const tasks = [
      { key: 'first', content: 'written late', routing: 'manual' },
      {
        key: 'second',
        content: 'written',
        routing: 'manual',
        dependencies: ['first'],
        on_dependency_failure: 'run_anyway',
      },
    ];
    const isLate = (call: AwsCall) => updates('"T"')(call) && JSON.stringify(call.body).includes('written late');
    const recover = context.edge.intercept((call, next) => (isLate(call) ? died() : next()));
    await expect(ports.perform(submitGraph, { tasks, idempotency_key: 'key' })).rejects.toThrow('died');
    ports.clock.advance(times.checkMs + 1);
    expect(await sweep(ports, () => true)).toHaveLength(1);
    recover();
    const graph = await ports.perform(submitGraph, { tasks, idempotency_key: 'key' });
    const ids = (graph as { tasks: { first: string; second: string } }).tasks;
    expect(await ports.task(ids.first)).toMatchObject({ status: 'pending' });
    expect(await ports.task(ids.second)).toMatchObject({ status: 'waiting' });
  });

  test('whose request died after the commit exists when the same request is answered, before any sweep', async () => {
    const ports = new TestPorts(context);
    const recover = context.edge.intercept((call, next) => (updates('"T"')(call) ? died() : next()));
    await expect(submit(ports)).rejects.toThrow('died');
    recover();
    const { tasks } = await submit(ports);
    expect(await ports.task(tasks.one)).toMatchObject({ status: 'pending' });
    expect(await unwritten(ports)).toEqual([]);
  });

  test('with a dependency that expires before the sweep writes the graph still uses its outcome', async () => {
    const ports = new TestPorts(context);
    await ports.store(aTask({ id: 'parent' }));
    await ports.register('worker');
    await ports.give(await ports.task('parent'), 'worker');
    await ports.perform(completeTask, { task_id: 'parent' });
    ports.clock.advance(ports.settings.retentionMs - 1);
    const recover = context.edge.intercept((call, next) => (updates('"T"')(call) ? died() : next()));
    await expect(submit(ports, ['parent'])).rejects.toThrow('died');
    recover();
    ports.clock.advance('2m');
    expect(await ports.tasks.get('parent')).toBeUndefined();
    expect(await sweep(ports, () => true)).toEqual([]);
    expect(await ports.listings.lane({ key: '', routing: 'manual' }, 10)).toHaveLength(1);
  });

  test('whose request is repeated reads one item and writes none', async () => {
    const ports = new TestPorts(context);
    const first = await submit(ports);
    const before = context.meter.snapshot();
    expect(await submit(ports.another())).toEqual(first);
    expect(context.meter.since(before).total()).toMatchObject({ calls: 1, readUnits: 1, writeUnits: 0 });
    expect(
      await refusalCode(ports.perform(submitGraph, { ...input(), tasks: [{ key: 'two', content: 'other' }] })),
    ).toBe('idempotency_mismatch');
  });

  test('no longer exists after the maximum age of a task plus the retention', async () => {
    const ports = new TestPorts(context);
    await ports.graphs.putTasks(graph(ports));
    await ports.graphs.commit(graph(ports));
    await ports.graphs.markWritten('graph');
    ports.clock.advance(times.maxAgeMs + ports.settings.retentionMs - day);
    expect(await ports.graphs.get('graph')).toMatchObject({ id: 'graph' });
    ports.clock.advance(day);
    expect([await ports.graphs.head('graph'), await ports.graphs.get('graph')]).toEqual([undefined, undefined]);
    // Whether or not DynamoDB has deleted it, its key can be used again.
    await ports.graphs.putTasks(graph(ports, 'another body'));
    expect(await ports.graphs.commit(graph(ports, 'another body'))).toMatchObject({ isNew: true });
    expect(await ports.graphs.get('graph')).toMatchObject({ bodyHash: 'another body', isWritten: false });
  });

  test('that is submitted again does not bring back expired tasks', async () => {
    const ports = new TestPorts(context);
    const submitted = await submit(ports);
    const [ready] = await ports.listings.lane({ key: '', routing: 'manual' }, 10);
    const id = ready?.id ?? '';
    await ports.perform(cancelTask, { task_id: id });
    ports.clock.advance(ports.settings.retentionMs);
    expect(await submit(ports)).toEqual(submitted);
    expect(await ports.tasks.get(id)).toBeUndefined();
    expect(await ports.listings.lane({ key: '', routing: 'manual' }, 10)).toEqual([]);
  });

  test('is listed with the statuses of its tasks, newest first, in pages of equal cost', async () => {
    const ports = new TestPorts(context);
    const ids: string[] = [];
    for (const title of [undefined, 'second', 'third']) {
      ports.clock.advance('1m');
      const tasks = ['a', 'b'].map((key) => ({ key, content: `the work of ${key}`, routing: 'manual' }));
      const { graph_id } = (await ports.perform(submitGraph, { tasks, title })) as { graph_id: string };
      ids.unshift(graph_id);
    }
    await ports.perform(cancelGraph, { graph_id: ids[2] });
    await ports.graphs.count({ shardId: 'shard', changes: await allTaskChanges(context) });

    const first = (await ports.perform(listGraphs, { limit: 2 })) as ListAnswer;
    const second = (await ports.perform(listGraphs, { limit: 2, cursor: first.next_cursor })) as ListAnswer;
    expect(second.next_cursor).toBeUndefined();
    const graphs = [...first.graphs, ...second.graphs];
    expect(graphs.map(({ graph_id, title, total }) => [graph_id, title, total])).toEqual([
      [ids[0], 'third', 2],
      [ids[1], 'second', 2],
      [ids[2], 'the work of a', 2],
    ]);
    expect(graphs.map(({ counts }) => [counts['pending'], counts['cancelled']])).toEqual([
      [2, 0],
      [2, 0],
      [0, 2],
    ]);
  });

  test('costs one write per batch of changes, however many of its tasks changed', async () => {
    const ports = new TestPorts(context);
    const tasks = Array.from({ length: 20 }, (_, n) => ({ key: `k${n}`, content: 'x', routing: 'manual' }));
    const { graph_id } = (await ports.perform(submitGraph, { tasks })) as { graph_id: string };
    await ports.perform(cancelGraph, { graph_id });
    const changes = await allTaskChanges(context);
    expect(changes).toHaveLength(40);
    const before = context.meter.snapshot();
    await ports.graphs.count({ shardId: 'shard', changes });
    expect(context.meter.since(before).total()).toMatchObject({ calls: 1, readUnits: 0, writeUnits: 1 });
  });
});
