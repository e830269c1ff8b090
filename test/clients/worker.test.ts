import { NotMe, PermanentError, type Work } from '#clients/sdk/worker/index.ts';
import { expect, test } from '../support/moved-muster.ts';
import { createTask, ended, gate, startAgent } from './working-agent.ts';

test('an agent handles its tasks by type and reports what its handlers return', async ({ muster }) => {
  const [count, other] = await Promise.all([
    createTask(muster, { task_type: 'count', content: 'one two three' }),
    createTask(muster, { task_type: 'shout', content: 'hello' }),
  ]);
  startAgent(muster, {
    handlers: {
      count: ({ task }) => task.content.split(' ').length,
      '*': ({ task }) => Promise.resolve({ shouted: task.content.toUpperCase() }),
    },
  });
  expect(await ended(muster, count)).toMatchObject({ status: 'completed', result: 3, attempt: 1 });
  expect(await ended(muster, other)).toMatchObject({ status: 'completed', result: { shouted: 'HELLO' } });
});

test('tasks of a type without a handler are left to other agents, also after a completion', async ({ muster }) => {
  const create = (task_type: string) => createTask(muster, { task_type });
  const unknown = [await create('unknown'), await create('unknown')];
  const known = [await create('known'), await create('known'), await create('known')];
  startAgent(muster, { maxConcurrentTasks: 1, handlers: { known: () => undefined } });
  for (const task of known) expect(await ended(muster, task)).toMatchObject({ status: 'completed' });
  for (const task of unknown) expect(await muster.task(task)).toMatchObject({ status: 'pending', attempt: 0 });
});

test('a task of a type without a handler that the router has assigned is released', async ({ muster }) => {
  const task = await createTask(muster, { task_type: 'unknown', routing: 'auto' });
  startAgent(muster, { handlers: { known: () => undefined } });
  await expect
    .poll(async () => (await muster.task(task)).history.at(-1))
    .toMatchObject({
      status: 'pending',
      reason: expect.stringContaining('no handler for task type unknown') as string,
    });
  expect(await muster.task(task)).toMatchObject({ attempt: 1, retry_count: 0 });
});

test('a handler gets the results of the dependencies', async ({ muster }) => {
  const first = await createTask(muster, { task_type: 'first' });
  const second = await createTask(muster, { task_type: 'second', dependencies: [first] });
  startAgent(muster, {
    handlers: {
      first: () => ({ rows: [1, 2, 3] }),
      second: ({ dependencyResults }) => dependencyResults[first]?.result,
    },
  });
  expect(await ended(muster, second)).toMatchObject({ status: 'completed', result: { rows: [1, 2, 3] } });
});

test('it works on as many tasks concurrently as configured, and takes the next as one ends', async ({ muster }) => {
  const tasks = await Promise.all(Array.from({ length: 8 }, () => createTask(muster)));
  const working: PromiseWithResolvers<void>[] = [];
  let atOnce = 0;
  let most = 0;
  const agent = startAgent(muster, {
    maxConcurrentTasks: 3,
    handler: async () => {
      most = Math.max(most, (atOnce += 1));
      const released = gate();
      working.push(released);
      await released.promise;
      atOnce -= 1;
    },
  });
  for (let done = 0; done < tasks.length; done += 1) {
    await expect.poll(() => working.length, { message: `${done} done` }).toBe(Math.min(done + 3, tasks.length));
    expect((await muster.call('get_agent', { agent_id: agent.id })).load).toBeLessThanOrEqual(3);
    working[done]?.resolve();
  }
  for (const task of tasks) expect(await ended(muster, task)).toMatchObject({ status: 'completed', attempt: 1 });
  expect(most).toBe(3);
});

test('the error a handler throws decides whether the task is retried', async ({ muster }) => {
  const [crashed, hopeless, refused] = await Promise.all(
    ['crash', 'hopeless', 'not-me'].map((task_type) => createTask(muster, { task_type })),
  );
  const errors: [string, string | undefined][] = [];
  startAgent(muster, {
    handlers: {
      crash: () => Promise.reject(new Error('connection reset')),
      hopeless: () => {
        throw new PermanentError('no such file');
      },
      'not-me': () => {
        throw new NotMe('the file is on another machine');
      },
    },
    onError: (error, task) => {
      errors.push([String(error), task?.task_type]);
      throw new Error('onError fails too');
    },
  });
  expect(await ended(muster, hopeless ?? '')).toMatchObject({
    status: 'failed',
    error: 'no such file',
    retry_count: 1,
  });
  const history = async (task = '') => (await muster.task(task)).history;
  await expect
    .poll(() => history(crashed))
    .toContainEqual(
      expect.objectContaining({
        status: 'pending',
        attempt: 1,
        reason: expect.stringContaining('connection reset') as string,
      }),
    );
  await expect
    .poll(() => history(refused))
    .toContainEqual(
      expect.objectContaining({
        status: 'pending',
        attempt: 1,
        reason: expect.stringContaining('another machine') as string,
      }),
    );
  expect(await muster.task(refused ?? '')).toMatchObject({ retry_count: 0 });
  expect(errors).toContainEqual(['Error: connection reset', 'crash']);
  expect(errors).toContainEqual(['PermanentError: no such file', 'hopeless']);

  const next = await createTask(muster, { task_type: 'hopeless' });
  await ended(muster, next);
});

test.for([
  ['a result that is not JSON', () => ({ count: 3n })],
  ['a result that is too large', () => 'x'.repeat(300_000)],
  [
    'a result that throws when it is serialized',
    () => ({
      toJSON: () => {
        throw new RangeError('Invalid time value');
      },
    }),
  ],
] as const)('%s fails the task permanently and says so', async ([, handler], { muster }) => {
  const task = await createTask(muster);
  startAgent(muster, { handler });
  expect(await ended(muster, task)).toMatchObject({
    status: 'failed',
    attempt: 1,
    error: expect.stringContaining('The result was refused') as string,
  });
});

test.for([
  ['are too large', { note: 'x'.repeat(5_000) }],
  ['are no JSON', { tokens: 3n }],
] as const)('metrics that %s are left out of the report', async ([, unusable], { muster }) => {
  const [completed, failed] = await Promise.all([createTask(muster), createTask(muster, { max_attempts: 1 })]);
  startAgent(muster, {
    handler: ({ task, metrics }) => {
      metrics(unusable as never);
      if (task.task_id === failed) throw new Error('no such file');
      return 'the result';
    },
  });
  expect(await ended(muster, completed)).toMatchObject({ status: 'completed', attempt: 1, result: 'the result' });
  expect(await ended(muster, failed)).toMatchObject({ status: 'failed', error: 'no such file' });
});

test('a long error with control characters is reported', async ({ muster }) => {
  const task = await createTask(muster);
  startAgent(muster, {
    handler: () => {
      throw new PermanentError(`\u001b[31mred\u0000${'€'.repeat(20_000)}`);
    },
  });
  await ended(muster, task);
  expect((await muster.task(task, 'failed')).error).toMatch(
    /^\\u001b\[31mred\\u0000€+ \.\.\. \d+ characters left out \.\.\. €+$/,
  );
});

test('progress is visible while the handler works', async ({ muster }) => {
  const task = await createTask(muster);
  const seen = gate();
  startAgent(muster, {
    handler: async ({ progress }) => {
      progress(40, 'reading');
      await seen.promise;
    },
  });
  const progress = { percent: 40, message: 'reading' };
  await expect.poll(() => muster.task(task)).toMatchObject({ status: 'running', progress });
  seen.resolve();
  await ended(muster, task);
});

test('a task that exceeds its timeout is stopped and retried', async ({ muster }) => {
  const task = await createTask(muster, { timeout_seconds: 1, max_attempts: 1 });
  const stopped = gate<unknown>();
  startAgent(muster, {
    handler: ({ signal }) => new Promise(() => signal.addEventListener('abort', () => stopped.resolve(signal.reason))),
  });
  expect(await stopped.promise).toMatchObject({ name: 'AttemptStopped', code: 'timed_out' });
  expect(await ended(muster, task)).toMatchObject({ status: 'failed', error: 'Exceeded timeout_seconds (1).' });
});

test('an agent that Muster no longer knows registers again', async ({ muster }) => {
  const agent = startAgent(muster, { handler: ({ task }) => task.content });
  const before = await createTask(muster);
  await ended(muster, before);
  await muster.call('deregister_agent', { agent_id: agent.id });
  const after = await createTask(muster);
  await ended(muster, after);
  expect(await muster.call('get_agent', { agent_id: agent.id })).toMatchObject({ state: 'active' });
});

test('an agent whose key is refused stops and says why', async ({ muster }) => {
  const id = muster.name('agent');
  const { key, key_id } = await muster.call('create_key', { role: 'agent', agent_id: id });
  const agent = startAgent(muster, { id, key, url: muster.url, handler: () => undefined });
  const task = await createTask(muster);
  await ended(muster, task);

  await muster.call('revoke_key', { key_id });
  await muster.clock.advance('2m');
  await expect(agent.done).rejects.toMatchObject({ code: 'revoked_key', status: 401 });
});

test('two agents share a lane, and each task is done once', async ({ muster }) => {
  const tasks = await Promise.all(Array.from({ length: 20 }, () => createTask(muster)));
  const done: string[] = [];
  const handler = ({ task }: Work) => {
    done.push(task.task_id);
  };
  startAgent(muster, { id: muster.name('one'), handler });
  startAgent(muster, { id: muster.name('two'), handler });
  for (const task of tasks) await ended(muster, task);
  expect(done.sort()).toEqual(tasks.sort());
});
