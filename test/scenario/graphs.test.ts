/** Graphs: submitted all or nothing, completed, and inspected on the way. */
import { expect, test } from '../support/muster.ts';
import type { InputOf } from '../support/operation-request.ts';
import type { TestMuster } from '../support/test-muster.ts';

type Tasks = InputOf<'submit_graph'>['tasks'];
type GraphTask = Partial<Tasks[number]> & { key: string };

/** Tasks as created by TestMuster.create, with the test's own type, by which they can be found. */
const tasksOf = (muster: TestMuster, tasks: readonly GraphTask[]): Tasks =>
  tasks.map((task) => ({
    content: `the work of ${task.key}`,
    task_type: muster.name('graph'),
    routing: 'manual' as const,
    requirements: [muster.name('skill')],
    ...task,
  }));

/** Submits a graph and returns its id and the ids of its tasks by key. */
async function submit(muster: TestMuster, tasks: readonly GraphTask[], idempotency_key?: string) {
  const input = { tasks: tasksOf(muster, tasks), idempotency_key };
  const { graph_id = '', tasks: ids = {} } = await muster.call('submit_graph', input);
  return { graph_id, idOf: (key: string) => ids[key] ?? key };
}

async function expectNothing(muster: TestMuster): Promise<void> {
  await muster.settled();
  expect(await muster.find({ task_type: muster.name('graph') })).toEqual([]);
}

const chain: GraphTask[] = [
  { key: 'first' },
  { key: 'second', dependencies: ['first'] },
  { key: 'third', dependencies: ['second'] },
];

test('a graph is refused as a whole when one dependency does not exist', async ({ muster }) => {
  const [known, unknown] = [await muster.create({}), muster.name('unknown')];
  const tasks = tasksOf(muster, [{ key: 'a' }, { key: 'b', dependencies: ['a', known, unknown] }]);
  const idempotency_key = muster.name('key');
  for (const dry_run of [false, true]) {
    const refusal = await muster.refusal('submit_graph', { tasks, idempotency_key, dry_run });
    expect(refusal).toMatchObject({ status: 422, code: 'unknown_dependency' });
    expect(refusal.errors).toMatchObject([{ pointer: '/tasks/1/dependencies/2' }]);
  }
  await expectNothing(muster);

  // The key is still unused, and what the refused request left has no effect.
  const again = [{ key: 'a', dependencies: [known] }, { key: 'b' }];
  const { idOf } = await submit(muster, again, idempotency_key);
  await muster.finish(known);
  await muster.until(idOf('a'), 'pending');
  expect(await muster.task(idOf('b'))).toMatchObject({ status: 'pending', dependencies: [] });
});

const mistakes: Record<string, { tasks: GraphTask[]; code: string; pointers: string[]; detail?: string }> = {
  'a task is not valid': {
    tasks: [{ key: 'a' }, { key: 'b', content: '' }],
    code: 'invalid_input',
    pointers: ['/tasks/1/content'],
  },
  'two tasks have one key': {
    tasks: [{ key: 'a' }, { key: 'b' }, { key: 'a' }],
    code: 'invalid_input',
    pointers: ['/tasks/2/key'],
    detail: '/tasks/2/key: must be unique, but a is used more than once.',
  },
  'a task depends on itself': {
    tasks: [{ key: 'a' }, { key: 'b', dependencies: ['a', 'b'] }],
    code: 'dependency_cycle',
    pointers: ['/tasks/1/dependencies'],
    detail: 'b -> b',
  },
  'tasks depend on each other': {
    tasks: [
      { key: 'before' },
      { key: 'a', dependencies: ['before', 'c'] },
      { key: 'b', dependencies: ['a'] },
      { key: 'c', dependencies: ['b'] },
      { key: 'after', dependencies: ['c'] },
    ],
    code: 'dependency_cycle',
    pointers: ['/tasks/1/dependencies', '/tasks/2/dependencies', '/tasks/3/dependencies'],
  },
};

for (const [mistake, { tasks, code, pointers, detail = '' }] of Object.entries(mistakes)) {
  test(`a graph is refused as a whole when ${mistake}`, async ({ muster }) => {
    for (const dry_run of [false, true]) {
      const refusal = await muster.refusal('submit_graph', { tasks: tasksOf(muster, tasks), dry_run });
      expect(refusal).toMatchObject({ status: 422, code, detail: expect.stringContaining(detail) as string });
      expect(refusal.errors?.map(({ pointer }) => pointer).sort()).toEqual(pointers);
    }
    await expectNothing(muster);
  });
}

test('a dependency cycle is reported by its keys, in order', async ({ muster }) => {
  const { tasks = [] } = mistakes['tasks depend on each other'] ?? {};
  const { detail } = await muster.refusal('submit_graph', { tasks: tasksOf(muster, tasks) });
  expect(['a -> b -> c -> a', 'b -> c -> a -> b', 'c -> a -> b -> c']).toContain(
    /: (.*)\.$/.exec(detail)?.[1] ?? detail,
  );
});

test('a key is any short text, even one with a meaning elsewhere', async ({ muster }) => {
  const keys = [
    '@acme/ui#build',
    '//lib:core',
    'T#a|b=c',
    '__proto__',
    'ключ 🙂',
    'test_'.padEnd(78, 'x'),
    'k'.repeat(200),
  ];
  const tasks = keys.map((key, n) => ({ key, dependencies: keys.slice(0, n) }));
  const { graph_id, idOf } = await submit(muster, tasks);
  const graph = await muster.call('get_graph', { graph_id });
  const found = new Map(graph.tasks.map((task) => [task.key, task.dependencies]));
  for (const { key, dependencies } of tasks) expect(found.get(key), key).toEqual(dependencies.map(idOf));
  expect(new Set(keys.map(idOf)).size).toBe(keys.length);
  await muster.finish(idOf(keys[0] ?? ''));
  await muster.until(idOf(keys[1] ?? ''), 'pending');

  for (const key of ['', 'k'.repeat(201), 'ü'.repeat(101), 'a\nb', 'a\u009Bb']) {
    const refusal = await muster.refusal('submit_graph', { tasks: tasksOf(muster, [{ key }]) });
    expect(refusal).toMatchObject({ code: 'invalid_input', errors: [{ pointer: '/tasks/0/key' }] });
  }
});

test('a typo in a dependency is reported with the task, the pointer and the intended key', async ({ muster }) => {
  const tasks = tasksOf(muster, [{ key: 'lint' }, { key: 'build', dependencies: ['lnit'] }]);
  const message =
    'task "build" depends on "lnit", which is neither a key of this graph nor a task id (did you mean "lint"?)';
  expect(await muster.refusal('submit_graph', { tasks })).toMatchObject({
    code: 'unknown_dependency',
    detail: expect.stringContaining(message) as string,
    errors: [{ pointer: '/tasks/1/dependencies/0', message }],
  });
});

test('dependencies can be keys of the graph or ids of tasks outside it', async ({ muster }) => {
  const [completed, open] = await muster.create([{}, {}]);
  await muster.finish(completed);
  const { idOf } = await submit(muster, [
    { key: 'last', dependencies: ['first', open] },
    { key: 'first', dependencies: [completed] },
  ]);
  expect(await muster.task(idOf('first'))).toMatchObject({ status: 'pending', dependencies: [completed] });
  expect(await muster.task(idOf('last'))).toMatchObject({ status: 'waiting', dependencies: [idOf('first'), open] });

  await muster.finish(idOf('first'));
  await muster.settled();
  expect(await muster.status(idOf('last'))).toBe('waiting');
  await muster.finish(open);
  await muster.until(idOf('last'), 'pending');
});

test('a repeated request, even a concurrent one, creates one graph', async ({ muster }) => {
  const key = muster.name('key');
  const [one, ...others] = await Promise.all(Array.from({ length: 4 }, () => submit(muster, chain, key)));
  const late = await submit(muster, chain, key);
  for (const other of [...others, late]) {
    expect(other.graph_id).toBe(one?.graph_id);
    for (const { key: name } of chain) expect(other.idOf(name)).toBe(one?.idOf(name));
  }
  await muster.settled();
  expect(await muster.find({ task_type: muster.name('graph') })).toHaveLength(chain.length);

  const other = await muster.call(
    'submit_graph',
    { tasks: tasksOf(muster, chain), idempotency_key: key },
    muster.keys.producer,
  );
  expect(other.graph_id === one?.graph_id).toBe(muster.keys.producer === muster.keys.admin);
});

test('a graph with its requirements in another order is the same graph', async ({ muster }) => {
  const [idempotency_key, ...names] = muster.names('key', 'python', 'web');
  const requiring = (requirements: string[]) => ({
    tasks: tasksOf(muster, [{ key: 'a', requirements }]),
    idempotency_key,
  });
  const first = await muster.call('submit_graph', requiring(names));
  expect(await muster.call('submit_graph', requiring(names.toReversed()))).toEqual(first);
});

test('another graph with the same idempotency key is refused', async ({ muster }) => {
  const key = muster.name('key');
  const { graph_id } = await submit(muster, chain, key);
  const tasks = tasksOf(muster, [...chain, { key: 'fourth', dependencies: ['first'] }]);
  expect(await muster.refusal('submit_graph', { tasks, idempotency_key: key })).toMatchObject({
    status: 422,
    code: 'idempotency_mismatch',
  });
  expect(await muster.call('get_graph', { graph_id })).toMatchObject({ total: chain.length });
});

test('a dry run returns the order, the critical path and unroutable tasks, and creates nothing', async ({ muster }) => {
  await muster.agent('worker');
  const missing = muster.name('missing');
  const outside = await muster.create({ requirements: [missing] });
  const tasks = tasksOf(muster, [
    { key: 'publish', dependencies: ['review', 'draw'] },
    { key: 'review', dependencies: ['write', outside] },
    { key: 'write', dependencies: ['research'] },
    { key: 'draw', dependencies: ['research'], requirements: [missing, muster.name('skill')] },
    { key: 'research' },
  ]);
  const plan = await muster.call('submit_graph', { tasks, dry_run: true });
  expect(plan).toMatchObject({
    critical_path: ['research', 'write', 'review', 'publish'],
    unroutable: [{ key: 'draw', requirements: [missing, muster.name('skill')] }],
  });
  expect(plan).not.toHaveProperty('graph_id');
  expect(plan).not.toHaveProperty('tasks');
  const place = (name: unknown) => plan.order?.indexOf(String(name)) ?? -1;
  expect(plan.order?.toSorted()).toEqual(tasks.map(({ key }) => key).sort());
  for (const { key, dependencies = [] } of tasks) {
    for (const name of dependencies) expect(place(name)).toBeLessThan(place(key));
  }
  await expectNothing(muster);
});

test('a graph shows its progress, and a failure in the middle blocks the rest', async ({ muster }) => {
  const { graph_id, idOf } = await submit(muster, [...chain, { key: 'beside' }]);
  const look = async () => {
    await muster.settled();
    const { counts, done_fraction, is_settled } = await muster.call('get_graph', { graph_id });
    return { ...Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0)), done_fraction, is_settled };
  };
  const { created_at, total, tasks } = await muster.call('get_graph', { graph_id });
  expect([total, Date.parse(created_at)]).toEqual([4, expect.closeTo(muster.clock.now(), -5)]);
  expect(Object.fromEntries(tasks.map((task) => [task.key, [task.task_id, task.dependencies]]))).toEqual({
    first: [idOf('first'), []],
    second: [idOf('second'), [idOf('first')]],
    third: [idOf('third'), [idOf('second')]],
    beside: [idOf('beside'), []],
  });
  expect(await muster.task(idOf('third'))).toMatchObject({ graph_id });
  expect(await look()).toEqual({ pending: 2, waiting: 2, done_fraction: 0, is_settled: false });

  await muster.finish(idOf('first'));
  expect(await look()).toEqual({ completed: 1, pending: 2, waiting: 1, done_fraction: 0.25, is_settled: false });
  await muster.fail(idOf('second'));
  expect(await look()).toMatchObject({ completed: 1, failed: 1, blocked: 1, pending: 1, is_settled: false });
  await muster.finish(idOf('beside'));
  expect(await look()).toEqual({ completed: 2, failed: 1, blocked: 1, done_fraction: 0.5, is_settled: true });

  await muster.call('retry_task', { task_id: idOf('second') });
  await muster.finish(idOf('second'));
  await muster.until(idOf('third'), 'pending');
  await muster.finish(idOf('third'));
  expect(await look()).toEqual({ completed: 4, done_fraction: 1, is_settled: true });
});

test('a graph is cancelled and retried as a whole, and lists show its progress', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const { graph_id, idOf } = await submit(muster, [...chain, { key: 'beside' }, { key: 'done' }]);
  await muster.finish(idOf('done'));
  await muster.call('claim_tasks', { agent_id, limit: 1 });
  const listed = async () => {
    await muster.settled();
    const { graphs } = await muster.call('list_graphs', { limit: 100 });
    const { counts, ...rest } = graphs.find((graph) => graph.graph_id === graph_id) ?? {};
    return { ...rest, ...Object.fromEntries(Object.entries(counts ?? {}).filter(([, count]) => count > 0)) };
  };
  expect(await listed()).toMatchObject({ title: 'the work of first', total: 5, completed: 1, running: 1, waiting: 2 });

  expect(await muster.call('cancel_graph', { graph_id })).toEqual({ graph_id, changed: 4, remaining: 0 });
  expect(await listed()).toMatchObject({ completed: 1, cancelled: 4, done_fraction: 0.2 });
  expect((await muster.call('get_agent', { agent_id })).load).toBe(0);
  expect(await muster.call('get_graph', { graph_id })).toMatchObject({ is_settled: true });

  expect(await muster.call('retry_graph', { graph_id })).toEqual({ graph_id, changed: 4, remaining: 0 });
  for (const key of ['beside', 'first', 'second', 'third']) {
    await muster.until(idOf(key), 'pending');
    await muster.finish(idOf(key));
  }
  const { counts } = await muster.call('get_graph', { graph_id });
  expect(await listed()).toEqual(expect.objectContaining({ completed: counts.completed, done_fraction: 1 }));
});

test('an unknown graph is not found', async ({ muster }) => {
  const graph_id = muster.name('nothing');
  expect(await muster.refusal('get_graph', { graph_id })).toMatchObject({ status: 404, code: 'graph_not_found' });
  expect(await muster.call('query_tasks', { graph_id })).toEqual({ tasks: [] });
});

test('the tasks of a graph are listed once each, in pages, even while they change', async ({ muster }) => {
  const keys = Array.from({ length: 10 }, (_, n) => ({ key: `k${n}` }));
  const { graph_id, idOf } = await submit(muster, keys);
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await muster.call('query_tasks', { graph_id, limit: 3, cursor });
    found.push(...page.tasks.map((task) => task.task_id));
    cursor = page.next_cursor;
    await muster.finish(idOf(`k${found.length % keys.length}`));
  } while (cursor !== undefined);
  expect(found).toHaveLength(keys.length);
  expect(found.toSorted()).toEqual(keys.map(({ key }) => idOf(key)).sort());

  const { tasks } = await muster.call('query_tasks', { graph_id, status: 'completed' });
  expect(tasks.length).toBeGreaterThan(0);
  expect(tasks.every((task) => task.status === 'completed' && task.graph_id === graph_id)).toBe(true);
});
