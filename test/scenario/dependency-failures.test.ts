import { expect, test } from '../support/muster.ts';

const endings = ['failed', 'cancelled'] as const;

for (const ending of endings) {
  const endOf = ending === 'failed' ? 'fails' : 'is cancelled';

  test(`policy block: when a dependency ${endOf}, its dependents are blocked, transitively`, async ({ muster }) => {
    const parent = await muster.create({});
    const child = await muster.create({ dependencies: [parent] });
    const grandchild = await muster.create({ dependencies: [child] });

    await muster.end(parent, ending);
    await muster.until(child, 'blocked');
    const blocked = await muster.until(grandchild, 'blocked');
    expect(blocked.history.at(-1)).toMatchObject({ status: 'blocked', reason: 'dependency_failed' });
  });

  test(`policy cancel: when a dependency ${endOf}, its dependents are cancelled, transitively`, async ({ muster }) => {
    const parent = await muster.create({});
    const [child] = await muster.create([{ dependencies: [parent], on_dependency_failure: 'cancel' }]);
    const [stopped, blocked] = await muster.create([
      { dependencies: [child], on_dependency_failure: 'cancel' },
      { dependencies: [child] },
    ]);
    await muster.end(parent, ending);
    await muster.until(child, 'cancelled');
    await muster.until(stopped, 'cancelled');
    await muster.until(blocked, 'blocked');
  });

  test(`policy run_anyway: a dependency that ${endOf} counts as met`, async ({ muster }) => {
    const agent_id = await muster.agent('reporter');
    const [bad, good] = await muster.create([{}, {}]);
    const report = await muster.create({
      dependencies: [bad, good],
      on_dependency_failure: 'run_anyway',
    });
    await muster.end(bad, ending);
    await muster.settled();
    expect(await muster.status(report)).toBe('waiting');

    await muster.finish(good, 42);
    await muster.until(report, 'pending');
    const { tasks } = await muster.call('claim_tasks', { agent_id });
    expect(tasks[0]?.dependency_results).toEqual({
      [bad]: ending === 'failed' ? { status: 'failed', error: 'failed by the test' } : { status: 'cancelled' },
      [good]: { status: 'completed', result: 42 },
    });
  });

  test(`a task created after its dependency was ${ending} follows its policy at once`, async ({ muster }) => {
    const parent = await muster.create({});
    await muster.end(parent, ending);
    const [block, cancel, run] = await muster.create([
      { dependencies: [parent] },
      { dependencies: [parent], on_dependency_failure: 'cancel' },
      { dependencies: [parent], on_dependency_failure: 'run_anyway' },
    ]);
    for (const [task_id, status] of [
      [block, 'blocked'],
      [cancel, 'cancelled'],
    ] as const) {
      const task = await muster.task(task_id);
      expect(task.status).toBe(status);
      expect(task.history.at(-1)).toMatchObject({ status, reason: 'dependency_failed' });
    }
    expect(await muster.status(run)).toBe('pending');
  });

  test(`retrying the dependency that was ${ending} unblocks its dependents, which then run`, async ({ muster }) => {
    const parent = await muster.create({});
    const child = await muster.create({ dependencies: [parent] });
    const grandchild = await muster.create({ dependencies: [child] });
    await muster.end(parent, ending);
    await muster.until(grandchild, 'blocked');

    await muster.call('retry_task', { task_id: parent });
    await muster.until(child, 'waiting');
    await muster.until(grandchild, 'waiting');
    await muster.finish(parent);
    await muster.until(child, 'pending');
    await muster.finish(child);
    const history = (await muster.until(grandchild, 'pending')).history.map((entry) => entry.status);
    expect(history).toEqual(['waiting', 'blocked', 'waiting', 'pending']);
  });
}

test('a task stays blocked until every failed dependency was retried', async ({ muster }) => {
  const [first, second] = await muster.create([{}, {}]);
  const child = await muster.create({ dependencies: [first, second] });
  await muster.fail(first);
  await muster.fail(second);
  await muster.until(child, 'blocked');

  await muster.call('retry_task', { task_id: first });
  await muster.settled();
  expect(await muster.status(child)).toBe('blocked');
  await muster.call('retry_task', { task_id: second });
  await muster.until(child, 'waiting');
  await muster.finish(first);
  await muster.finish(second);
  await muster.until(child, 'pending');
});

test('a dependency that fails, is retried and fails again blocks again', async ({ muster }) => {
  const parent = await muster.create({});
  const child = await muster.create({ dependencies: [parent] });
  for (let n = 0; n < 2; n += 1) {
    await muster.fail(parent);
    await muster.until(child, 'blocked');
    await muster.call('retry_task', { task_id: parent });
    await muster.until(child, 'waiting');
  }
});

test('a failure that will be retried automatically blocks nothing', async ({ muster }) => {
  const parent = await muster.create({});
  const child = await muster.create({ dependencies: [parent] });
  expect(await muster.fail(parent, true)).toMatchObject({ status: 'pending' });
  await muster.settled();
  expect(await muster.status(child)).toBe('waiting');
});

test('a cancelled dependent that is retried rereads its dependencies', async ({ muster }) => {
  const parent = await muster.create({});
  const child = await muster.create({ dependencies: [parent], on_dependency_failure: 'cancel' });
  await muster.fail(parent);
  await muster.until(child, 'cancelled');
  await muster.call('retry_task', { task_id: parent });

  expect(await muster.call('retry_task', { task_id: child })).toMatchObject({ status: 'waiting' });
  await muster.finish(parent);
  await muster.until(child, 'pending');
});

test('a run_anyway task that was released stays released when the dependency is retried', async ({ muster }) => {
  const parent = await muster.create({});
  const child = await muster.create({ dependencies: [parent], on_dependency_failure: 'run_anyway' });
  await muster.fail(parent);
  await muster.until(child, 'pending');
  await muster.call('retry_task', { task_id: parent });
  await muster.settled();
  expect(await muster.status(child)).toBe('pending');
});

test('waiting and blocked tasks can be cancelled, and their dependents are updated', async ({ muster }) => {
  const [open, failed] = await muster.create([{}, {}]);
  const [waiting, blocked] = await muster.create([{ dependencies: [open] }, { dependencies: [failed] }]);
  const [afterWaiting, afterBlocked] = await muster.create([{ dependencies: [waiting] }, { dependencies: [blocked] }]);
  await muster.fail(failed);
  await muster.until(afterBlocked, 'blocked');

  for (const task_id of [waiting, blocked]) {
    expect(await muster.call('cancel_task', { task_id })).toMatchObject({ status: 'cancelled' });
  }
  await muster.until(afterWaiting, 'blocked');
  await muster.finish(open);
  await muster.settled();
  expect(await muster.status(waiting)).toBe('cancelled');
  expect(await muster.status(afterBlocked)).toBe('blocked');
});
