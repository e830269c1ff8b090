/** Dependencies whose failure has a different effect on a task than that of the others. */
import { expect, test } from '../support/muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

const anyway = (task_id: string) => ({ task_id, on_failure: 'run_anyway' as const });
const cancelling = (task_id: string) => ({ task_id, on_failure: 'cancel' as const });

const sentenceOf = async (muster: TestMuster, task_id: string) =>
  (await muster.call('explain_task', { task_id })).sentence;

test('a graph in which the build must succeed and the lint need not', async ({ muster }) => {
  const agent_id = await muster.agent('deployer');
  const task = (key: string) => ({
    key,
    content: key,
    requirements: [muster.name('skill')],
    routing: 'manual' as const,
  });
  const graph = {
    tasks: [
      { ...task('deploy'), dependencies: ['build', { key: 'lint', on_failure: 'run_anyway' as const }] },
      { ...task('lint'), dependencies: [{ key: 'build', on_failure: 'block' as const }] },
      task('build'),
    ],
  };
  expect(await muster.call('submit_graph', { ...graph, dry_run: true })).toMatchObject({
    order: ['build', 'lint', 'deploy'],
    critical_path: ['build', 'lint', 'deploy'],
  });
  const { graph_id = '', tasks = {} } = await muster.call('submit_graph', graph);
  const { build = '', lint = '', deploy = '' } = tasks;
  const policies = { dependencies: [build, lint], dependency_policies: { [lint]: 'run_anyway' } };
  expect(await muster.task(deploy)).toMatchObject({ on_dependency_failure: 'block', ...policies });
  expect(await muster.task(lint)).not.toHaveProperty('dependency_policies');
  const { tasks: shown } = await muster.call('get_graph', { graph_id });
  expect(shown.find(({ key }) => key === 'deploy')).toMatchObject(policies);
  expect(shown.find(({ key }) => key === 'lint')).not.toHaveProperty('dependency_policies');

  await muster.call('cancel_task', { task_id: lint });
  await muster.settled();
  expect(await muster.status(deploy)).toBe('waiting');
  expect(await sentenceOf(muster, deploy)).toBe(
    `The task is waiting for ${build} (pending). ${lint} (cancelled) does not matter here (run_anyway).`,
  );
  await muster.finish(build, 'bundle');
  await muster.until(deploy, 'pending');
  const claimed = await muster.call('claim_tasks', { agent_id });
  expect(claimed.tasks).toMatchObject([
    {
      task_id: deploy,
      ...policies,
      dependency_results: { [build]: { status: 'completed', result: 'bundle' }, [lint]: { status: 'cancelled' } },
    },
  ]);
});

test('a failed dependency that blocks can be retried while its dependent is blocked, and one that cancels still cancels then', async ({
  muster,
}) => {
  const [build, audit, lint] = await muster.create([{}, {}, {}]);
  const [child, other] = await muster.create([
    { dependencies: [build, cancelling(audit), anyway(lint)] },
    { dependencies: [build, cancelling(audit), anyway(lint)] },
  ]);
  const after = await muster.create({ dependencies: [other], on_dependency_failure: 'run_anyway' });
  await muster.fail(lint);
  await muster.fail(build);
  await muster.until(child, 'blocked');
  expect(await sentenceOf(muster, child)).toMatch(
    new RegExp(`is blocked by ${build} \\(failed\\): .*\\. ${lint} \\(failed\\) does not matter here`),
  );
  await muster.call('retry_task', { task_id: build });
  await muster.until(child, 'waiting');

  await muster.fail(build);
  await muster.until(child, 'blocked');
  await muster.call('cancel_task', { task_id: other });
  await muster.fail(audit);
  const cancelled = await muster.until(child, 'cancelled');
  expect(cancelled.history.slice(-3)).toMatchObject([
    { status: 'waiting', reason: 'dependency_retried' },
    { status: 'blocked', reason: 'dependency_failed' },
    { status: 'cancelled', reason: 'dependency_failed' },
  ]);
  await muster.until(after, 'pending');

  // A manual retry reads all of them again.
  expect(await muster.call('retry_task', { task_id: child })).toMatchObject({ status: 'cancelled' });
  await muster.call('retry_task', { task_id: audit });
  expect(await muster.call('retry_task', { task_id: child })).toMatchObject({ status: 'blocked' });
  await muster.call('retry_task', { task_id: build });
  await muster.until(child, 'waiting');
  await muster.finish(audit);
  await muster.finish(build);
  await muster.until(child, 'pending');
});

test('a task with the policy cancel can be blocked by one dependency, even at creation', async ({ muster }) => {
  const [failed, open] = await muster.create([{}, {}]);
  await muster.fail(failed);
  const dependencies = [{ task_id: failed, on_failure: 'block' as const }, open];
  const child = await muster.create({ dependencies, on_dependency_failure: 'cancel' });
  expect(await muster.task(child)).toMatchObject({ status: 'blocked', dependency_policies: { [failed]: 'block' } });
  const [stopped, ready] = await muster.create([
    { dependencies: [anyway(open), cancelling(failed)] },
    { dependencies: [anyway(failed)] },
  ]);
  expect(await muster.status(stopped)).toBe('cancelled');
  expect(await muster.status(ready)).toBe('pending');
});

test('a payload stored separately makes no difference', async ({ muster }) => {
  const [failed, open] = await muster.create([{}, {}]);
  const child = await muster.create({ content: 'long '.repeat(1000), dependencies: [anyway(failed), open] });
  await muster.fail(failed);
  await muster.settled();
  expect(await muster.task(child)).toMatchObject({
    status: 'waiting',
    dependencies: [failed, open],
    dependency_policies: { [failed]: 'run_anyway' },
  });
  await muster.finish(open);
  await muster.until(child, 'pending');
});

test('an explicit default policy and a duplicate dependency make no difference', async ({ muster }) => {
  const parent = await muster.create({});
  const task = { content: 'work', requirements: [muster.name('skill')], idempotency_key: muster.name('key') };
  const { task_id } = await muster.call('create_task', { ...task, dependencies: [parent] });
  const usual = { task_id: parent, on_failure: 'block' as const };
  const again = await muster.call('create_task', { ...task, dependencies: [usual] });
  expect(again).toMatchObject({ task_id, dependencies: [parent] });
  expect(again).not.toHaveProperty('dependency_policies');
  expect(await muster.refusal('create_task', { ...task, dependencies: [anyway(parent)] })).toMatchObject({
    code: 'idempotency_mismatch',
  });
  const twice = await muster.create({ dependencies: [anyway(parent), anyway(parent)] });
  expect(await muster.task(twice)).toMatchObject({
    dependencies: [parent],
    dependency_policies: { [parent]: 'run_anyway' },
  });
});

test('two policies for one dependency are refused with their pointer', async ({ muster }) => {
  const [one, two] = await muster.create([{}, {}]);
  const message = `names "${one}" again, with the policy run_anyway instead of block`;
  const task = { content: 'work', dependencies: [one, two, anyway(one)] };
  expect(await muster.refusal('create_task', task)).toMatchObject({
    status: 422,
    code: 'invalid_input',
    errors: [{ pointer: '/dependencies/2', message }],
  });
  const { results } = await muster.call('create_tasks', { tasks: [task] });
  expect(results).toMatchObject([{ error: { errors: [{ pointer: '/dependencies/2', message }] } }]);
  for (const dry_run of [true, false]) {
    const tasks = [
      { content: 'a', key: 'a' },
      { ...task, key: 'b', dependencies: ['a', one, anyway(one)] },
    ];
    expect(await muster.refusal('submit_graph', { tasks, dry_run })).toMatchObject({
      errors: [{ pointer: '/tasks/1/dependencies/2', message }],
    });
  }
});

test('a malformed dependency is refused with its pointer', async ({ muster }) => {
  const errorsOf = async (path: string, body: object) => (await muster.http('POST', path, body)).body['errors'];
  expect(await errorsOf('/v1/tasks', { content: 'a', dependencies: [{ task_id: 'b' }, 7] })).toEqual([
    { pointer: '/dependencies/0/on_failure', message: 'is missing' },
    {
      pointer: '/dependencies/1',
      message: 'must be text or an object with task_id, on_failure, not 7; write it in quotes',
    },
  ]);
  const one = { key: 'build', content: 'a' };
  const dependencies = [
    { key: 'build', task_id: 'build', on_failure: 'block' },
    { key: 'build', on_failure: 'stop' },
    { on_failure: 'block' },
    { key: 'build', on_failure: 'block', when: 1 },
  ];
  expect(await errorsOf('/v1/graphs', { tasks: [one, { key: 'b', content: 'b', dependencies }] })).toEqual([
    { pointer: '/tasks/1/dependencies/0', message: 'must have either key or task_id' },
    {
      pointer: '/tasks/1/dependencies/1/on_failure',
      message: 'must be one of block, cancel, run_anyway, not "stop"',
    },
    { pointer: '/tasks/1/dependencies/2', message: 'must have either key or task_id' },
    {
      pointer: '/tasks/1/dependencies/3/when',
      message: 'is not a known field; known fields: key, task_id, on_failure',
    },
  ]);
  const tasks = [one, { key: 'b', content: 'b', dependencies: [{ task_id: 'buidl', on_failure: 'cancel' as const }] }];
  expect(await muster.refusal('submit_graph', { tasks })).toMatchObject({
    code: 'unknown_dependency',
    errors: [
      { pointer: '/tasks/1/dependencies/0', message: expect.stringContaining('did you mean "build"?') as string },
    ],
  });
});
