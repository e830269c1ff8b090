import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { awsError } from '#local/edge/call.ts';
import type { AwsCall } from '#local/edge/edge.ts';
import { limits } from '#shared/contract/limits.ts';
import type { Item } from '#shared/adapters/task-item.ts';
import { cancelGraph } from '#shared/operations/graphs/cancel-graph.ts';
import { getGraph } from '#shared/operations/graphs/get-graph.ts';
import { retryGraph } from '#shared/operations/graphs/retry-graph.ts';
import { submitGraph } from '#shared/operations/graphs/submit-graph.ts';
import { queryTasks } from '#shared/operations/tasks/query-tasks.ts';
import type { GraphRecord } from '#shared/ports.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { Chance } from '../support/random.ts';
import { aTask } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

const keys = ['a', 'b', 'c', 'd', 'e', 'f'];

describeOnEngine('a graph too large for one item', createMusterTables, (context) => {
  const aFew = () => new TestPorts(context, { graphPartBytes: 200 });
  const died = () => Promise.resolve(awsError('AccessDeniedException', 'The process has died.'));
  const input = {
    tasks: keys.map((key, n) => ({
      key,
      content: `the work of ${key}`,
      routing: 'manual',
      dependencies: keys.slice(0, n),
    })),
    idempotency_key: 'key',
  };
  const submit = async (ports: TestPorts) =>
    (await ports.perform(submitGraph, input)) as { graph_id: string; tasks: Record<string, string> };
  const puts =
    (sk: RegExp) =>
    ({ action, body }: AwsCall) =>
      action === 'PutItem' && sk.test((body as { Item: { sk: { S: string } } }).Item.sk.S);
  const commits = puts(/^G$/);
  /** The items stored with the head of a graph. */
  async function partsOf(id: string): Promise<Item[]> {
    const query = new QueryCommand({
      TableName: context.tables.tasks,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :part)',
      ExpressionAttributeValues: { ':pk': `G#${id}`, ':part': 'P#' },
    });
    return (await context.documentClient.send(query)).Items ?? [];
  }

  test('is shown, listed, cancelled and retried like any other', async () => {
    const ports = aFew();
    const { graph_id, tasks } = await submit(ports);
    expect((await partsOf(graph_id)).length).toBeGreaterThan(2);
    const shown = (await ports.perform(getGraph, { graph_id })) as { tasks: { key: string; dependencies: string[] }[] };
    expect(shown.tasks.map(({ key, dependencies }) => [key, dependencies])).toEqual(
      keys.map((key, n) => [key, keys.slice(0, n).map((name) => tasks[name])]),
    );
    expect(await ports.perform(queryTasks, { graph_id })).toMatchObject({ tasks: { length: keys.length } });
    expect(await ports.perform(cancelGraph, { graph_id })).toMatchObject({ changed: keys.length, remaining: 0 });
    expect(await ports.perform(retryGraph, { graph_id })).toMatchObject({ changed: keys.length, remaining: 0 });
  });

  test('leaves nothing visible if its request died between the parts, and the parts expire', async () => {
    const ports = aFew();
    const recover = context.edge.intercept((call, next) => (puts(/^P#.*#1$/)(call) ? died() : next()));
    await expect(submit(ports)).rejects.toThrow('died');
    recover();
    expect(await ports.graphs.list(10, undefined)).toMatchObject({ items: [] });
    expect(await ports.graphs.unfinished(ports.clock.now() + 1, 10)).toEqual([]);

    ports.clock.advance('1h');
    const { graph_id, tasks } = await submit(ports);
    expect(await ports.task(tasks['a'] ?? '')).toMatchObject({ status: 'pending' });
    const parts = await partsOf(graph_id);
    expect(new Set(parts.map(({ sk }) => String(sk).split('#')[1])).size).toBe(2);
    expect(parts.every(({ ttl }) => Number(ttl) > ports.clock.now() / 1000)).toBe(true);
  });

  test('is written by the sweep if its request died after the commit', async () => {
    const ports = aFew();
    const recover = context.edge.intercept((call, next) => (updates('"T"')(call) ? died() : next()));
    await expect(submit(ports)).rejects.toThrow('died');
    recover();
    ports.clock.advance('2m');
    expect(await sweep(ports, () => true)).toEqual([]);
    const { graph_id } = await submit(ports);
    expect(await ports.perform(getGraph, { graph_id })).toMatchObject({ counts: { pending: 1, waiting: 5 } });
  });

  test('that is submitted again reads one item and writes none', async () => {
    const ports = aFew();
    const first = await submit(ports);
    const before = context.meter.snapshot();
    expect(await submit(ports.another())).toEqual(first);
    expect(context.meter.since(before).total()).toMatchObject({ calls: 1, readUnits: 1, writeUnits: 0 });
  });

  test('consists of the parts of one request, even if another with the same key dies between its own', async () => {
    const ports = aFew();
    beforeCall(context.edge, commits, async () => {
      ports.clock.advance('1s');
      await submit(ports.another());
      ports.clock.advance('1s');
    });
    const { graph_id } = await submit(ports);
    const graph = await ports.graphs.get(graph_id);
    expect(graph?.tasks.map(({ record }) => record.createdAt)).toEqual(keys.map(() => graph?.createdAt));

    const late = { ...(graph as GraphRecord), tasks: graph?.tasks.toReversed() ?? [] };
    const recover = context.edge.intercept((call, next) => (puts(/^P#.*#1$/)(call) ? died() : next()));
    await expect(ports.graphs.putTasks(late)).rejects.toThrow('died');
    recover();
    expect(await ports.graphs.get(graph_id)).toEqual(graph);
  });

  test(`of ${limits.graphTasks} tasks without repetition uses items of the maximum size`, async () => {
    const ports = new TestPorts(context);
    const chance = new Chance(1);
    const noise = (length: number) =>
      Array.from({ length }, () => String.fromCharCode(33 + Math.floor(chance.fraction() * 94))).join('');
    const graph: GraphRecord = {
      id: 'graph',
      bodyHash: 'body',
      createdAt: ports.clock.now(),
      title: '',
      total: limits.graphTasks,
      isWritten: false,
      decided: 0,
      tasks: Array.from({ length: limits.graphTasks }, () => ({
        key: noise(limits.graphKeyBytes),
        record: aTask({ id: noise(26), title: noise(limits.titleLength), lane: noise(200) }),
        dependencies: Array.from({ length: limits.graphEdges / limits.graphTasks }, () => noise(26)),
      })),
    };
    const parts = await ports.graphs.putTasks(graph);
    expect(parts?.count).toBeGreaterThan(1);
    await ports.graphs.commit(graph, parts);
    expect((await ports.graphs.get('graph'))?.tasks).toEqual(graph.tasks);
  });

  test('costs no extra call if it fits into one item', async () => {
    const ports = new TestPorts(context);
    const before = context.meter.snapshot();
    const { graph_id, tasks } = await submit(ports);
    expect(await partsOf(graph_id)).toHaveLength(1);
    const put = context.meter.since(before).total({ table: context.tables.tasks, action: 'PutItem' });
    expect(put.calls).toBe(2 + Object.keys(tasks).length);
    const read = context.meter.snapshot();
    await ports.graphs.get(graph_id);
    expect(context.meter.since(read).total()).toMatchObject({ calls: 1, readUnits: 1 });
  });
});
