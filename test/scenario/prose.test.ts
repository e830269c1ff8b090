/** A report is accepted whatever its text: refusing it would leave its task running until the lease expires. */
import { MusterClient } from '#clients/sdk/index.ts';
import { runCli } from '../support/cli.ts';
import { connectMcp } from '../support/mcp.ts';
import { expect, test } from '../support/muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

type Fail = (muster: TestMuster, task_id: string, error: string) => Promise<unknown>;

const command = (muster: TestMuster, args: string[], input?: string) =>
  runCli(args, {
    env: { MUSTER_URL: muster.url, MUSTER_KEY: muster.keys.admin },
    ...(input !== undefined && { input }),
  });

const failOver: Record<string, Fail> = {
  HTTP: (muster, task_id, error) => muster.call('fail_task', { task_id, error, should_retry: false }),
  MCP: async (muster, task_id, error) => {
    const mcp = await connectMcp({ url: muster.url, key: muster.keys.admin });
    await mcp.call('orchestration_fail_task', { task_id, error, should_retry: false });
  },
  'the sdk': (muster, task_id, error) =>
    new MusterClient({ url: muster.url, key: muster.keys.admin }).failTask({ task_id, error, should_retry: false }),
  'stdin of the CLI': (muster, task_id, error) =>
    command(muster, ['task', 'fail', task_id, '--no-should-retry', '--error', '-'], error),
  'an option of the CLI': (muster, task_id, error) =>
    command(muster, ['task', 'fail', task_id, '--no-should-retry', '--error', error.replaceAll('\u0000', '')]),
};

test.for(Object.entries(failOver))('a failure reported over %s is accepted', async ([, fail], { muster }) => {
  const [colored, silent, long] = await muster.create([{}, {}, {}]);
  for (const task of [colored, silent, long]) await muster.start(task);

  await fail(muster, colored, '\u001B[31mred\u0000');
  expect((await muster.task(colored, 'failed')).error).toMatch(/^\\u001b\[31mred(\\u0000)?$/);
  await fail(muster, silent, '');
  expect(await muster.task(silent, 'failed')).toMatchObject({ error: 'no message given', reason: 'no message given' });
  await fail(muster, long, `first ${'x'.repeat(50_000)} last`);
  expect((await muster.task(long, 'failed')).error).toMatch(/^first x+ \.\.\. \d+ characters left out \.\.\. x+ last$/);
});

test('a release, a cancellation and a progress message are accepted', async ({ muster }) => {
  const text = `\u0007${'x'.repeat(300)}\uD83D`;
  const task_id = await muster.create({});
  await muster.start(task_id);

  await muster.call('heartbeat_task', { task_id, progress: { percent: 133.3, message: text } });
  expect((await muster.task(task_id, 'running')).progress).toEqual({
    percent: 100,
    message: expect.stringMatching(/^\\u0007x+ \.\.\. \d+ characters left out \.\.\. x+\\ud83d$/) as string,
  });
  await muster.call('release_task', { task_id, reason: '' });
  await muster.call('cancel_task', { task_id, reason: text });
  const { history } = await muster.task(task_id, 'cancelled');
  expect(history.map(({ reason }) => reason)).toContain('released: no message given');
  expect(history.at(-1)?.reason).toMatch(/^cancelled: \\u0007x+ \.\.\. \d+ characters left out /);
});

test('a duration that is negative because a clock was set back becomes 0', async ({ muster }) => {
  const task_id = await muster.create({});
  await muster.start(task_id);
  await muster.call('complete_task', { task_id, metrics: { duration_ms: -250.5, rows: -1.5 } });
  expect(await muster.task(task_id, 'completed')).toMatchObject({
    execution_duration_ms: 0,
    metrics: { duration_ms: 0, rows: -1.5 },
  });

  const agent_id = await muster.agent('timed');
  await muster.call('update_agent_performance', { agent_id, success: true, duration_ms: -1 });
  await muster.call('update_agent_performance', { agent_id, success: true, duration_ms: 20.6 });
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({ avg_completion_ms: 10.5 });
});

test('fields for machines stay strict, and results stay exact', async ({ muster }) => {
  const task_id = await muster.create({});
  await muster.start(task_id);
  const refused = await muster.refusal('complete_task', { task_id, result: 'half \uD83D' });
  expect(refused.errors).toEqual([{ pointer: '/result', message: 'must be valid Unicode' }]);
  const missing = await muster.http('POST', `/v1/tasks/${task_id}/fail`, {});
  expect(missing.status).toBe(422);
  const result = 'a\u0000b\u001B[0m';
  await muster.call('complete_task', { task_id, result });
  expect(await muster.task(task_id, 'completed')).toMatchObject({ result });
});
