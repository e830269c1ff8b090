/** The commands that change many tasks: by filter, or all tasks of a graph. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { runCli, startCli } from '../support/cli.ts';
import { expect, test } from '../support/muster-cli.ts';

test('tasks that match a filter are counted, cancelled and retried; refusals are reported with exit code 1', async ({
  cli,
  muster,
}) => {
  const task_type = muster.name('bulk');
  const filter = ['--task-type', task_type];
  const [done, other] = await muster.create([{ task_type }, { task_type }, { task_type }]);
  await muster.finish(done);
  const statuses = async () => (await muster.find({ task_type })).map(({ status }) => status).sort();

  const dry = await cli.run(['task', 'cancel', ...filter, '--dry-run', '--json']);
  expect(dry).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(dry.stdout)).toEqual({ dry_run: true, changed: 2, refused: [] });
  expect(await statuses()).toEqual(['completed', 'pending', 'pending']);

  const cancelled = await cli.run(['task', 'cancel', ...filter, '--yes', '--reason', 'not needed']);
  expect(cancelled).toEqual({ code: 0, stdout: '2 tasks cancelled.\n', stderr: '' });
  expect(await statuses()).toEqual(['cancelled', 'cancelled', 'completed']);
  expect(await muster.task(other)).toMatchObject({ reason: 'not needed' });

  const retried = await cli.run(['task', 'retry', ...filter, '--status', 'completed,cancelled', '--yes']);
  expect(retried).toEqual({
    code: 1,
    stdout: '2 tasks retried.\n',
    stderr: `1 task refused:\n  not_retryable (Task not retryable): ${done}\n`,
  });
});

test('the totals include all pages', async () => {
  const refused = Array.from({ length: 7 }, (_, n) => ({ task_id: `task-${n}`, code: 'already_ended' }));
  const env = await musterThatAnswers(
    [200, { changed: 100, refused: [], next_cursor: 'second' }],
    [200, { changed: 0, refused, next_cursor: 'third' }],
    [200, { changed: 1, refused: [] }],
  );
  const { stdout, stderr } = await runCli(['task', 'cancel', '--status', 'pending', '--dry-run'], { env });
  expect(stdout).toBe('101 tasks would be cancelled.\n');
  expect(stderr).toMatch(/^7 tasks refused:\n {2}already_ended \(.*\): task-0, .*task-4 and 2 more\n$/);
});

test('an id still selects only that task', async ({ cli, muster }) => {
  const [one, other] = await muster.create([{}, {}]);
  const cancelled = await cli.run(['task', 'cancel', one, '--reason', 'wrong', '--json']);
  expect(JSON.parse(cancelled.stdout)).toMatchObject({ task_id: one, status: 'cancelled', reason: 'wrong' });
  const retried = await cli.run(['task', 'retry', one, '--json']);
  expect(JSON.parse(retried.stdout)).toMatchObject({ task_id: one, status: 'pending' });
  expect(await muster.status(other)).toBe('pending');
});

// util-linux and BSD have different programs of this name.
test.skipIf(process.platform !== 'linux')(
  'on a terminal, the user is asked for confirmation, with the number of tasks',
  async ({ cli, muster }) => {
    const task_type = muster.name('asked');
    const [task] = await muster.create([{ task_type }, { task_type }]);
    const answer = async (input: string) => {
      const args = ['task', 'cancel', '--task-type', task_type];
      return startCli(args, { env: cli.env, input, isTerminal: true }).ended();
    };
    const no = await answer('n\n');
    expect(no.code).toBe(1);
    expect(no.stdout).toContain('Cancel 2 tasks? [y/N]');
    expect(no.stdout).toContain('Nothing was changed.');
    expect(await muster.status(task)).toBe('pending');
    const yes = await answer('y\n');
    expect(yes.code).toBe(0);
    expect(yes.stdout).toContain('2 tasks cancelled.');
    expect(await muster.status(task)).toBe('cancelled');
  },
);

test('changes made before a failure are reported, as text and as JSON', async () => {
  const refused = [{ task_id: 'a', code: 'unavailable' }];
  const problem = { code: 'missing_scope', detail: 'Not allowed.', hint: 'Use another key.' };
  for (const json of [[], ['--json']]) {
    const env = await musterThatAnswers([200, { changed: 7, refused, next_cursor: 'c' }], [403, problem]);
    const { code, stdout, stderr } = await runCli(['task', 'retry', '--status', 'failed', '--yes', ...json], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(json.length > 0 ? /"changed": 7/ : /^7 tasks retried\.\n$/);
    expect(stderr).toContain('Not allowed.');
  }
});

test('cancelling a graph waits until all of its tasks are cancelled', async () => {
  const graph = (counts: object, under_way?: string) => ({ graph_id: 'g', counts, under_way, tasks: [] });
  const env = await musterThatAnswers(
    [200, { graph_id: 'g', changed: 1, remaining: 2 }],
    [200, graph({ pending: 2, cancelled: 1 }, 'cancel')],
    [200, graph({ pending: 0, cancelled: 3 })],
  );
  const { code, stdout } = await runCli(['graph', 'cancel', 'g'], { env });
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: '1 task cancelled. Waiting for 2 more.\nDone: 3 cancelled.\n',
  });
});

test('a graph is listed, cancelled and retried', async ({ cli, muster }) => {
  const tasks = ['first', 'second'].map((key) => ({ key, content: key, routing: 'manual' as const }));
  const { graph_id = '' } = await muster.call('submit_graph', { tasks });
  // The counts of a graph come from the stream.
  await muster.settled();
  expect((await cli.run(['graph', 'list', '--all'])).stdout).toMatch(new RegExp(`^${graph_id} .* 2 pending`, 'm'));
  expect(await cli.run(['graph', 'cancel', graph_id])).toMatchObject({ code: 0, stdout: '2 tasks cancelled.\n' });
  expect(await cli.run(['graph', 'retry', graph_id])).toMatchObject({ code: 0, stdout: '2 tasks retried.\n' });
});

/** Variables for a server that gives these responses, one after another. */
async function musterThatAnswers(...answers: readonly [status: number, body: object][]) {
  const rest = [...answers];
  const server = createServer((_, response) => {
    const [status, body] = rest.shift() ?? [500, {}];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { MUSTER_URL: `http://127.0.0.1:${port}`, MUSTER_KEY: 'mst_a_b' };
}
