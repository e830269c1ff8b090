/** Responses get lost: a repeated request gets the same response, and nothing happens twice. */
import { expect, test } from '../support/muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

async function assigned(muster: TestMuster, task: object = {}) {
  const agent_id = await muster.agent('worker');
  const task_id = await muster.create(task);
  await muster.call('assign_task', { task_id, agent_id });
  return { task_id, agent_id };
}

async function running(muster: TestMuster, task: object = {}) {
  const held = await assigned(muster, task);
  await muster.call('start_task', held);
  return held;
}

test('a repeated completion counts once', async ({ muster }) => {
  const { task_id, agent_id } = await running(muster);
  const report = { task_id, agent_id, attempt: 1, result: { found: 5 }, metrics: { duration_ms: 2500 } };
  const [first, again, without] = [
    await muster.call('complete_task', report),
    await muster.call('complete_task', report),
    await muster.call('complete_task', { ...report, attempt: undefined }),
  ];
  expect(again).toEqual(first);
  expect(without).toEqual(first);
  await muster.settled();
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({
    total_completed: 1,
    avg_completion_ms: 2500,
    load: 0,
  });
});

test('a different result after the completion is refused', async ({ muster }) => {
  const { task_id, agent_id } = await running(muster);
  await muster.call('complete_task', { task_id, agent_id, attempt: 1, result: 'first' });
  for (const report of [{ result: 'second' }, { result: 'first', metrics: { duration_ms: 1 } }, {}]) {
    expect(await muster.refusal('complete_task', { task_id, agent_id, attempt: 1, ...report })).toMatchObject({
      status: 409,
      code: 'already_ended',
    });
  }
  expect(await muster.refusal('fail_task', { task_id, agent_id, attempt: 1, error: 'x' })).toMatchObject({
    code: 'already_ended',
  });
  expect((await muster.task(task_id, 'completed')).result).toBe('first');
});

test('a large result can be repeated too, and is stored once', async ({ muster }) => {
  const { task_id, agent_id } = await running(muster);
  const report = { task_id, agent_id, attempt: 1, result: { text: 'x'.repeat(200_000) } };
  const first = await muster.call('complete_task', report);
  expect(await muster.call('complete_task', report)).toEqual(first);
  const other = { ...report, result: { text: 'y'.repeat(200_000) } };
  expect(await muster.refusal('complete_task', other)).toMatchObject({ code: 'already_ended' });
  expect((await muster.task(task_id, 'completed')).result).toEqual(report.result);
});

test('ten equal concurrent completions count once', async ({ muster }) => {
  const { task_id, agent_id } = await running(muster);
  const report = { task_id, agent_id, attempt: 1, result: 1, metrics: { duration_ms: 100 } };
  const answers = await Promise.all(Array.from({ length: 10 }, () => muster.call('complete_task', report)));
  expect(new Set(answers.map((answer) => answer.completed_at)).size).toBe(1);
  await muster.settled();
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({ total_completed: 1, load: 0 });
});

test('a repeated start changes nothing', async ({ muster }) => {
  const held = await assigned(muster);
  const first = await muster.call('start_task', { ...held, attempt: 1 });
  expect(await muster.call('start_task', { ...held, attempt: 1 })).toEqual(first);
  expect(await muster.call('start_task', { task_id: held.task_id })).toEqual(first);
});

test('a repeated assignment counts once', async ({ muster }) => {
  const { task_id, agent_id } = await assigned(muster);
  const again = await muster.call('assign_task', { task_id, agent_id });
  expect(again).toMatchObject({ status: 'assigned', attempt: 1 });
  await muster.call('start_task', { task_id });
  expect(await muster.call('assign_task', { task_id, agent_id })).toMatchObject({ status: 'running', attempt: 1 });
  expect(await muster.call('get_agent', { agent_id })).toMatchObject({ load: 1, holding: [{ task_id }] });
});

for (const should_retry of [true, false]) {
  test(`a repeated failure counts once (should_retry=${should_retry})`, async ({ muster }) => {
    const { task_id, agent_id } = await running(muster);
    const report = { task_id, agent_id, attempt: 1, error: 'broken', should_retry };
    const first = await muster.call('fail_task', report);
    expect(first).toMatchObject({ status: should_retry ? 'pending' : 'failed', retry_count: 1 });
    expect(await muster.call('fail_task', report)).toEqual(first);
    await muster.settled();
    expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({ total_failed: 1, load: 0 });
  });
}

test('a failure without its attempt is indistinguishable from a new one, so the second is refused', async ({
  muster,
}) => {
  const { task_id, agent_id } = await running(muster);
  await muster.call('fail_task', { task_id, agent_id, error: 'broken' });
  expect(await muster.refusal('fail_task', { task_id, agent_id, error: 'broken' })).toMatchObject({
    status: 409,
    code: 'not_assigned',
  });
});

test('a repeated creation with an idempotency key creates one task', async ({ muster }) => {
  const input = { content: 'once', routing: 'manual' as const, idempotency_key: muster.name('key') };
  const [first, ...others] = await Promise.all(Array.from({ length: 6 }, () => muster.call('create_task', input)));
  for (const other of others) expect(other).toEqual(first);

  const { idempotency_key, ...body } = input;
  const byHeader = await muster.http('POST', '/v1/tasks', body, undefined, { 'idempotency-key': idempotency_key });
  expect(byHeader.status).toBe(201);
  expect(byHeader.body).toEqual(first);
});

test('an idempotency key used with a different body is refused', async ({ muster }) => {
  const idempotency_key = muster.name('key');
  const task_id = await muster.create({ content: 'one', idempotency_key });
  const refusal = await muster.refusal('create_task', { content: 'two', idempotency_key });
  expect(refusal).toMatchObject({ status: 422, code: 'idempotency_mismatch' });
  expect(refusal.detail).toContain(task_id);
  expect((await muster.task(task_id)).content).toBe('one');
});

test('only the response to a repeated request has the header Idempotent-Replayed', async ({ muster }) => {
  const requests: [path: string, body: object][] = [
    ['/v1/tasks', { content: 'once', routing: 'manual' }],
    ['/v1/tasks', { content: 'large '.repeat(20_000), routing: 'manual' }],
    ['/v1/graphs', { tasks: [{ key: 'only', content: 'once', routing: 'manual' }] }],
  ];
  for (const [n, [path, body]] of requests.entries()) {
    const replayed = async (idempotency_key?: string) => {
      const { headers } = await muster.http('POST', path, { ...body, idempotency_key });
      return headers.get('idempotent-replayed');
    };
    const key = muster.name(`key-${n}`);
    expect(await replayed(key)).toBeNull();
    expect(await replayed(key)).toBe('true');
    expect(await replayed()).toBeNull();
  }
});

test('an idempotency key works as long as the task exists, whatever its status', async ({ muster }) => {
  const input = { content: 'once', routing: 'manual' as const, idempotency_key: muster.name('key') };
  const { task_id } = await muster.call('create_task', input);
  await muster.finish(task_id);
  expect(await muster.call('create_task', input)).toMatchObject({ task_id, status: 'completed' });
});

test('two callers can use the same idempotency key for their own tasks', async ({ muster }) => {
  const input = { content: 'once', routing: 'manual' as const, idempotency_key: muster.name('key') };
  const other = (await muster.call('create_key', { role: 'producer' })).key;
  const [one, two] = [await muster.call('create_task', input), await muster.call('create_task', input, other)];
  expect(one.task_id).not.toBe(two.task_id);
});
