import { expect, test } from '../support/moved-muster.ts';

test('a dependent starts only after its last dependency completed', async ({ muster }) => {
  const [research, survey] = await muster.create([{ content: 'research' }, { content: 'survey' }]);
  const report = await muster.create({ content: 'report', dependencies: [research, survey] });

  await muster.finish(research);
  await muster.settled();
  expect(await muster.status(report)).toBe('waiting');

  await muster.finish(survey);
  await muster.until(report, 'pending');
});

test('a chain runs in order', async ({ muster }) => {
  const chain = [await muster.create({})];
  for (let n = 0; n < 2; n += 1) chain.push(await muster.create({ dependencies: chain.slice(-1) }));

  for (const [n, step] of chain.entries()) {
    await muster.until(step, 'pending');
    for (const later of chain.slice(n + 1)) expect(await muster.status(later)).toBe('waiting');
    await muster.finish(step);
  }
});

test('a diamond joins after both sides', async ({ muster }) => {
  const top = await muster.create({});
  const [left, right] = await muster.create([{ dependencies: [top] }, { dependencies: [top] }]);
  const bottom = await muster.create({ dependencies: [left, right, top] });

  await muster.finish(top);
  await muster.until(left, 'pending');
  await muster.until(right, 'pending');
  await muster.finish(right);
  await muster.settled();
  expect(await muster.status(bottom)).toBe('waiting');
  await muster.finish(left);
  await muster.until(bottom, 'pending');
});

test('a fan-in of 12 that complete concurrently releases its dependent exactly once', async ({ muster }) => {
  const parents = await muster.create(Array.from({ length: 12 }, () => ({})));
  const join = await muster.create({ dependencies: parents, routing: 'auto' });
  const agent_id = await muster.agent('joiner');
  await Promise.all(parents.map((task_id) => muster.start(task_id)));
  await Promise.all(parents.map((task_id) => muster.call('complete_task', { task_id })));

  const assigned = await muster.until(join, 'assigned');
  expect(assigned).toMatchObject({ assigned_to: agent_id, attempt: 1 });
  expect(assigned.history.map((entry) => entry.status)).toEqual(['waiting', 'pending', 'assigned']);
});

test('a fan-out of 20 is released completely', async ({ muster }) => {
  const parent = await muster.create({});
  const children = await muster.create(Array.from({ length: 20 }, () => ({ dependencies: [parent] })));
  await muster.finish(parent);
  await muster.settled();
  const statuses = await Promise.all(children.map((child) => muster.status(child)));
  expect(new Set(statuses)).toEqual(new Set(['pending']));
});

test('a dependency that was already completed does not delay the task', async ({ muster }) => {
  const [early, late] = await muster.create([{}, {}]);
  await muster.finish(early);
  expect(await muster.status(await muster.create({ dependencies: [early] }))).toBe('pending');

  const both = await muster.create({ dependencies: [early, late] });
  expect(await muster.status(both)).toBe('waiting');
  await muster.finish(late);
  await muster.until(both, 'pending');
});

test('a dependency named twice counts once', async ({ muster }) => {
  const parent = await muster.create({});
  const child = await muster.create({ dependencies: [parent, parent] });
  expect((await muster.task(child)).dependencies).toEqual([parent]);
  await muster.finish(parent);
  await muster.until(child, 'pending');
});

test('tasks created while their dependency completes are all released', async ({ muster }) => {
  const parent = await muster.create({});
  await muster.start(parent);
  const creations = Array.from({ length: 8 }, () => muster.create({ dependencies: [parent] }));
  await muster.call('complete_task', { task_id: parent });
  for (const child of await Promise.all(creations)) await muster.until(child, 'pending');
});

test('an unknown dependency is refused with its pointer, and nothing is created', async ({ muster }) => {
  const known = await muster.create({});
  const type = muster.name('refused');
  const refusal = await muster.refusal('create_task', {
    content: 'never',
    task_type: type,
    dependencies: [known, 'no-such-task'],
  });
  expect(refusal).toMatchObject({
    status: 422,
    code: 'unknown_dependency',
    errors: [{ pointer: '/dependencies/1', message: 'task no-such-task does not exist' }],
  });
  expect(await muster.find({ task_type: type })).toEqual([]);

  await muster.finish(known);
  await muster.settled();
  expect(await muster.find({ task_type: type })).toEqual([]);
});

test('a claimed task comes with the results of its dependencies', async ({ muster }) => {
  const agent_id = await muster.agent('reader');
  const [patterns, silent] = await muster.create([{}, {}]);
  const analyze = await muster.create({ dependencies: [patterns, silent] });
  await muster.finish(patterns, { patterns: ['gather', 'timeout'], lines: 120 });
  await muster.start(silent);
  await muster.call('complete_task', { task_id: silent });
  await muster.until(analyze, 'pending');

  const { tasks } = await muster.call('claim_tasks', { agent_id });
  expect(tasks).toMatchObject([{ task_id: analyze, status: 'running', dependencies: [patterns, silent] }]);
  expect(tasks[0]?.dependency_results).toEqual({
    [patterns]: { status: 'completed', result: { patterns: ['gather', 'timeout'], lines: 120 } },
    [silent]: { status: 'completed' },
  });
  expect(tasks[0]).not.toHaveProperty('omitted');
});

test('results that are too large are listed by id, and the others are included', async ({ muster }) => {
  const agent_id = await muster.agent('reader');
  const [small, large] = await muster.create([{}, {}]);
  const child = await muster.create({ dependencies: [large, small] });
  await muster.finish(large, 'x'.repeat(100_000));
  await muster.finish(small, 'a few words');
  await muster.until(child, 'pending');

  const { tasks } = await muster.call('claim_tasks', { agent_id });
  expect(tasks).toMatchObject([{ task_id: child, omitted: [large] }]);
  expect(tasks[0]?.dependency_results).toEqual({ [small]: { status: 'completed', result: 'a few words' } });
  expect((await muster.task(large, 'completed')).result).toHaveLength(100_000);
});

test('a delayed dependent waits for both its dependency and its time', async ({ muster }) => {
  const parent = await muster.create({});
  const notBefore = new Date(muster.clock.now() + 10 * 60_000).toISOString();
  const child = await muster.create({ dependencies: [parent], not_before: notBefore });
  await muster.finish(parent);
  await muster.until(child, 'pending');
  expect(await muster.refusal('assign_task', { task_id: child, agent_id: await muster.agent('early') })).toMatchObject({
    code: 'not_due',
    status: 409,
  });
  await muster.clock.advance('10m');
  await muster.finish(child);
});
