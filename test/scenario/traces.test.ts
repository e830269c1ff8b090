/** A task is in its creator's trace, in whatever way that is passed. */
import { randomBytes } from 'node:crypto';
import type { OutputOf } from '#clients/sdk/index.ts';
import { runCli } from '../support/cli.ts';
import { connectMcp, connections } from '../support/mcp.ts';
import { expect, test } from '../support/muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const newTrace = () => `00-${hex(16)}-${hex(8)}-01`;

/** Sends a request with a traceparent header and returns the response's body. */
async function inTrace<Body>(muster: TestMuster, traceparent: string, path: string, body: object): Promise<Body> {
  const answer = await muster.http<Body>('POST', path, body, muster.keys.admin, { traceparent });
  expect(answer.status).toBeLessThan(300);
  return answer.body;
}

const traceOf = async (muster: TestMuster, taskId: string) => (await muster.task(taskId)).traceparent;

test('the header is stored with the task, and returned with it and with the claim', async ({ muster }) => {
  const [trace, skill] = [newTrace(), muster.name('skill')];
  const task = { content: 'x', requirements: [skill], routing: 'manual' };
  const created = await inTrace<OutputOf<'create_task'>>(muster, trace, '/v1/tasks', task);
  expect(created.traceparent).toBe(trace);
  expect(await traceOf(muster, created.task_id)).toBe(trace);

  const { tasks } = await muster.call('claim_tasks', { agent_id: await muster.agent('worker', [skill]) });
  expect(tasks).toMatchObject([{ task_id: created.task_id, traceparent: trace }]);
});

test('the field wins over the header, and is stored with a large task too', async ({ muster }) => {
  const trace = newTrace();
  const task = { content: 'x'.repeat(5000), routing: 'manual', traceparent: trace };
  const { task_id } = await inTrace<OutputOf<'create_task'>>(muster, newTrace(), '/v1/tasks', task);
  expect(await traceOf(muster, task_id)).toBe(trace);
});

test('an invalid header is ignored, an invalid field is refused', async ({ muster }) => {
  const task = { content: 'x', routing: 'manual' };
  const created = await inTrace<OutputOf<'create_task'>>(muster, '00-broken', '/v1/tasks', task);
  expect(created).not.toHaveProperty('traceparent');
  expect(await muster.refusal('create_task', { content: 'x', traceparent: '00-broken' })).toMatchObject({
    status: 422,
    code: 'invalid_input',
    errors: [{ pointer: '/traceparent' }],
  });
});

test('a repeat in another trace is still a repeat, and the task keeps the first trace', async ({ muster }) => {
  const [first, second] = [newTrace(), newTrace()];
  const task = { content: 'x', routing: 'manual', idempotency_key: muster.name('key') };
  const created = await inTrace<OutputOf<'create_task'>>(muster, first, '/v1/tasks', task);
  const repeated = await inTrace<OutputOf<'create_task'>>(muster, second, '/v1/tasks', task);
  expect(repeated).toMatchObject({ task_id: created.task_id, traceparent: first });
  expect(await traceOf(muster, created.task_id)).toBe(first);
});

test('each task of a batch is in its own trace, or else in that of the request', async ({ muster }) => {
  const [own, shared, ofHeader] = [newTrace(), newTrace(), newTrace()];
  const tasks = [
    { content: 'x', routing: 'manual', traceparent: own },
    { content: 'y', routing: 'manual' },
  ];
  const tracesOf = async (body: object) => {
    const { results } = await inTrace<OutputOf<'create_tasks'>>(muster, ofHeader, '/v1/tasks/batch', body);
    return results.map((one) => ('task' in one ? one.task.traceparent : one.error));
  };
  expect(await tracesOf({ tasks, traceparent: shared })).toEqual([own, shared]);
  expect(await tracesOf({ tasks })).toEqual([own, ofHeader]);
});

test('each task of a graph is in its own trace, or else in that of the request, and a repeat stays a repeat', async ({
  muster,
}) => {
  const [own, ofHeader] = [newTrace(), newTrace()];
  const tasks = [
    { key: 'first', content: 'x', routing: 'manual', traceparent: own },
    { key: 'second', content: 'y', routing: 'manual', dependencies: ['first'] },
  ];
  const graph = { tasks, idempotency_key: muster.name('graph') };
  const submit = (trace: string) => inTrace<OutputOf<'submit_graph'>>(muster, trace, '/v1/graphs', graph);
  const { tasks: ids = {} } = await submit(ofHeader);
  expect(await submit(newTrace())).toMatchObject({ tasks: ids });
  expect(await traceOf(muster, ids['first'] ?? '')).toBe(own);
  expect(await traceOf(muster, ids['second'] ?? '')).toBe(ofHeader);
});

test.for(connections)(
  'over MCP, with $name, it is read from _meta and from an argument',
  async ({ connect }, { muster }) => {
    const session = await connect({ url: muster.url, key: muster.keys.admin });
    const [ofMessage, own] = [newTrace(), newTrace()];
    const created = async (input: object, traceparent: string) => {
      const task = { content: 'x', routing: 'manual', ...input };
      const { structuredContent } = await session.call('orchestration_create_task', task, { traceparent });
      return traceOf(muster, String(structuredContent?.['task_id']));
    };
    expect(await created({}, ofMessage)).toBe(ofMessage);
    expect(await created({ traceparent: own }, ofMessage)).toBe(own);
    expect(await created({}, 'broken')).toBeUndefined();
  },
);

test('over MCP, an invalid argument is refused', async ({ muster }) => {
  const session = await connectMcp({ url: muster.url, key: muster.keys.admin });
  const refused = await session.call('orchestration_create_task', { content: 'x', traceparent: 'broken' });
  expect(refused).toMatchObject({ isError: true, structuredContent: { errors: [{ pointer: '/traceparent' }] } });
});

test('the command line accepts it as an option, and in the file of a graph', async ({ muster }) => {
  const [trace, ofGraph] = [newTrace(), newTrace()];
  const env = { MUSTER_URL: muster.url, MUSTER_KEY: muster.keys.admin };
  const task = ['--content', 'x', '--routing', 'manual', '--traceparent', trace];
  const created = await runCli(['task', 'create', ...task, '--json'], { env });
  expect(JSON.parse(created.stdout)).toMatchObject({ traceparent: trace });

  const input = `traceparent: ${ofGraph}\ntasks:\n  - { key: only, content: x, routing: manual }\n`;
  const submitted = await runCli(['graph', 'submit', '--file', '-', '--json'], { env, input });
  const { tasks } = JSON.parse(submitted.stdout) as { tasks: { only: string } };
  expect(await traceOf(muster, tasks.only)).toBe(ofGraph);
});
