/** Faults of AWS: responses lost after the commit, messages and events lost or delivered twice, refusals. */
import { onTestFinished } from 'vitest';
import { awsError } from '#local/edge/call.ts';
import { heldBy } from '../support/agents.ts';
import * as faults from '../support/faults.ts';
import { expect, test } from '../support/own-muster.ts';
import { maxFirstRetryDelayMs, type TestMuster } from '../support/test-muster.ts';

/** Injects a fault until the end of the test, or until the returned function is called. */
function strike(muster: TestMuster, fault: faults.Fault): () => void {
  const end = muster.local.edge.intercept(fault.hook);
  onTestFinished(end);
  return end;
}

test('every operation happens once and responds correctly, even if the first response of DynamoDB is always lost', async ({
  muster,
}) => {
  const lost = faults.loseFirstAnswers(faults.isWrite);
  strike(muster, lost);

  const agent_id = await muster.agent('worker');
  const [completed, failed, stopped] = await muster.create([{}, {}, {}]);
  const child = await muster.create({ dependencies: [completed, failed], on_dependency_failure: 'run_anyway' });
  for (const task_id of [completed, failed, stopped]) {
    expect(await muster.call('assign_task', { task_id, agent_id })).toMatchObject({ status: 'assigned', attempt: 1 });
  }
  expect(await muster.call('start_task', { task_id: completed })).toMatchObject({ status: 'running' });
  await muster.call('heartbeat_task', { task_id: completed, progress: { percent: 50 } });
  expect(await muster.call('complete_task', { task_id: completed, result: 1 })).toMatchObject({ status: 'completed' });
  const failure = { task_id: failed, error: 'broken', should_retry: false };
  expect(await muster.call('fail_task', failure)).toMatchObject({ status: 'failed', retry_count: 1 });
  expect(await muster.call('cancel_task', { task_id: stopped })).toMatchObject({ status: 'cancelled' });
  expect(await muster.call('retry_task', { task_id: stopped })).toMatchObject({ status: 'pending' });
  const { tasks } = await muster.call('claim_tasks', { agent_id });
  expect(tasks).toMatchObject([{ task_id: stopped, attempt: 2, status: 'running' }]);
  expect(await muster.call('update_agent_performance', { agent_id, success: true, duration_ms: 1 })).toMatchObject({
    total_completed: 2,
    total_failed: 1,
    load: 1,
  });
  await muster.until(child, 'pending');
  expect(await muster.call('deregister_agent', { agent_id })).toMatchObject({
    deregistered: true,
    requeued: [stopped],
  });
  expect(lost.happened()).toBeGreaterThan(30);
});

test('the router, the release and the sweep survive the same', async ({ muster }) => {
  const lost = faults.loseFirstAnswers((call) => faults.isWrite(call) && !call.caller.startsWith('Api'));
  strike(muster, lost);
  const agent_id = await muster.agent('worker');
  const parent = await muster.create({ routing: 'auto' });
  const child = await muster.create({ routing: 'auto', dependencies: [parent] });
  await muster.until(parent, 'assigned');
  await muster.finish(parent);
  await muster.until(child, 'assigned');
  await muster.start(child);
  await muster.clock.advance('331s');
  await muster.fire('sweep');
  await muster.call('poll_tasks', { agent_id, status: 'assigned' });
  await muster.clock.advance(maxFirstRetryDelayMs);
  expect(await muster.until(child, 'assigned')).toMatchObject({ assigned_to: agent_id, attempt: 2, retry_count: 1 });
  await muster.finish(child);
  await muster.settled();
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({
    total_completed: 2,
    total_failed: 1,
    load: 0,
  });
  expect(lost.happened()).toBeGreaterThan(5);
});

/** More dependents than a completion updates itself. */
const tooMany = (input: { dependencies: string[] }) => Array.from({ length: 11 }, () => input);

test('a dependent is released even if the release fails for longer than Lambda retries it', async ({ muster }) => {
  const parent = await muster.create({});
  const children = await muster.create(tooMany({ dependencies: [parent] }));
  const denied = faults.refuse(
    ({ caller, action }) => caller.includes('ReleaseDependents') && action === 'UpdateItem',
    Infinity,
    awsError('AccessDeniedException', 'The policy is being changed.'),
  );
  const recover = strike(muster, denied);
  await muster.finish(parent);
  for (const wait of [0, '1m', '2m', '6m']) {
    await muster.clock.advance(wait);
    await muster.settled();
  }
  expect(denied.happened()).toBeGreaterThan(3);
  for (const child of children) expect(await muster.status(child)).toBe('waiting');
  recover();
  await muster.clock.advance('6m');
  for (const child of children) await muster.until(child, 'pending');
});

test('work continues while nothing can be counted, and all of it is counted afterwards', async ({ muster }) => {
  await muster.settled();
  const before = await muster.call('get_queue_statistics', {});
  const denied = faults.refuse(
    ({ caller, action }) => caller.includes('CountChanges') && action === 'UpdateItem',
    Infinity,
    awsError('AccessDeniedException', 'The policy is being changed.'),
  );
  const recover = strike(muster, denied);
  await muster.agent('worker');
  const parent = await muster.create({ routing: 'auto' });
  const child = await muster.create({ routing: 'auto', dependencies: [parent] });
  // Nothing is settled while the changes wait to be counted.
  await expect.poll(() => muster.status(parent)).toBe('assigned');
  await muster.finish(parent);
  await expect.poll(() => muster.status(child)).toBe('assigned');
  await expect.poll(() => denied.happened()).toBeGreaterThan(1);
  expect((await muster.call('get_queue_statistics', {})).completed).toBe(before.completed);
  recover();
  const after = { total: before.total + 2, completed: before.completed + 1, assigned: before.assigned + 1 };
  await expect.poll(() => muster.call('get_queue_statistics', {})).toMatchObject(after);
});

test('a ready task whose message was lost is found by the sweep', async ({ muster }) => {
  await muster.agent('worker');
  await muster.settled();
  const end = strike(muster, faults.loseMessages());
  const task_id = await muster.create({ routing: 'auto' });
  await muster.settled();
  end();
  expect(await muster.status(task_id)).toBe('pending');

  await muster.clock.advance('61s');
  await muster.fire('sweep');
  await muster.until(task_id, 'assigned');
});

test('waiting work is found by the sweep if the message about a free agent was lost', async ({ muster }) => {
  await muster.agent('single', undefined, { max_concurrent_tasks: 1 });
  const first = await muster.create({ routing: 'auto' });
  await muster.until(first, 'assigned');
  const second = await muster.create({ routing: 'auto' });
  await muster.rechecked();

  const end = strike(muster, faults.loseMessages());
  await muster.finish(first);
  await muster.settled();
  end();
  expect(await muster.status(second)).toBe('pending');
  await muster.clock.advance('61s');
  await muster.fire('sweep');
  await muster.until(second, 'assigned');
});

test('messages delivered twice assign once', async ({ muster }) => {
  const agent_id = await muster.agent('worker', undefined, { max_concurrent_tasks: 3 });
  const repeated = faults.repeatMessages();
  strike(muster, repeated);
  const tasks = await muster.create([{ routing: 'auto' }, { routing: 'auto' }, { routing: 'auto' }]);
  await muster.settled();
  expect(repeated.happened()).toBeGreaterThan(0);
  for (const task_id of tasks) {
    expect(await muster.task(task_id)).toMatchObject({ status: 'assigned', assigned_to: agent_id, attempt: 1 });
  }
  expect(heldBy(await muster.call('get_agent', { agent_id })).sort()).toEqual(tasks.toSorted());
});

test('dependents whose event was lost are released by the check, which comes after five minutes', async ({
  muster,
}) => {
  const [completed, failed] = await muster.create([{}, {}]);
  const [released, blocked, stopped] = await muster.create([
    { dependencies: [completed] },
    { dependencies: [failed] },
    { dependencies: [failed], on_dependency_failure: 'cancel' },
  ]);
  const last = await muster.create({ dependencies: [blocked] });
  await muster.create([...tooMany({ dependencies: [completed] }), ...tooMany({ dependencies: [failed] })]);
  const end = strike(muster, faults.loseEvents());
  await muster.finish(completed);
  await muster.fail(failed);
  await muster.settled();
  for (const task_id of [released, blocked, stopped, last]) expect(await muster.status(task_id)).toBe('waiting');
  end();

  await muster.clock.advance('301s');
  await muster.fire('sweep');
  await muster.until(released, 'pending');
  await muster.until(blocked, 'blocked');
  await muster.until(stopped, 'cancelled');
  await muster.until(last, 'blocked');

  const stop = strike(muster, faults.loseEvents());
  await muster.call('retry_task', { task_id: failed });
  await muster.finish(failed);
  await muster.settled();
  stop();
  await muster.clock.advance('11m');
  await muster.fire('sweep');
  await muster.until(blocked, 'pending');
});

test('stream records delivered twice count once', async ({ muster }) => {
  await muster.settled();
  const before = await muster.call('get_queue_statistics', {});
  const repeated = faults.repeatRecords();
  strike(muster, repeated);
  const agent_id = await muster.agent('worker');
  const parent = await muster.create({ routing: 'auto' });
  const child = await muster.create({ routing: 'auto', dependencies: [parent] });
  for (const task_id of [parent, child]) {
    expect(await muster.until(task_id, 'assigned')).toMatchObject({ attempt: 1 });
    await muster.finish(task_id);
  }
  const lost = await muster.create({ routing: 'auto' });
  await muster.until(lost, 'assigned');
  await muster.fail(lost);
  await muster.settled();

  expect(repeated.happened()).toBeGreaterThan(0);
  const after = await muster.call('get_queue_statistics', {});
  expect([after.completed, after.failed, after.total]).toEqual([
    before.completed + 2,
    before.failed + 1,
    before.total + 3,
  ]);
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({
    total_completed: 2,
    total_failed: 1,
    load: 0,
  });
});

test('while SQS and EventBridge refuse calls, what is meant for them waits and is not lost', async ({ muster }) => {
  const refusal = awsError('InternalFailure', 'We are sorry.', 500);
  const agent_id = await muster.agent('worker');
  await muster.settled();
  const refusals = [
    faults.refuse(faults.isAction('SendMessageBatch'), 4, refusal),
    faults.refuse(faults.isAction('PutEvents'), 4, refusal),
  ];
  for (const fault of refusals) strike(muster, fault);
  const parent = await muster.create({ routing: 'auto' });
  const child = await muster.create({ routing: 'auto', dependencies: [parent] });
  await muster.until(parent, 'assigned');
  await muster.finish(parent);
  expect(await muster.until(child, 'assigned')).toMatchObject({ assigned_to: agent_id, attempt: 1 });
  for (const fault of refusals) expect(fault.happened()).toBe(4);
});

test('while DynamoDB does not respond, requests are refused with 503 and Retry-After', async ({ muster }) => {
  const end = strike(muster, faults.refuse(faults.isWrite, Infinity, awsError('ThrottlingException', 'Too fast.')));
  const answer = await muster.http('POST', '/v1/tasks', { content: 'x', requirements: [muster.name('new')] });
  expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  end();
  await muster.create({ requirements: [muster.name('new')] });
});
