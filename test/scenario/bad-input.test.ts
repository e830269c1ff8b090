/** Bad input over the wire. Cases that differ only inside a function are in test/functions/bad-input.test.ts. */
import { gzipSync } from 'node:zlib';
import { functionNamed } from '../../bench/laboratory.ts';
import { codes, type Code, type Problem } from '#shared/contract/problem.ts';
import { expect, test } from '../support/muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

interface Bad {
  is: string;
  code: Code;
  pointer?: string;
  /** `{task}` and `{agent}` are replaced by existing ids. Default: POST /v1/tasks. */
  route?: string;
  body?: string | Buffer | object;
  type?: string;
  headers?: Record<string, string>;
}

const content = 'x';
const requests: Bad[] = [
  { is: 'malformed JSON', code: 'not_parsable', body: '{"content": "x",}' },
  { is: 'bytes that are not UTF-8', code: 'not_parsable', body: Buffer.from([0x7b, 0xff, 0x7d]) },
  { is: 'a form', code: 'unsupported_media_type', body: 'content=x', type: 'application/x-www-form-urlencoded' },
  {
    is: 'a compressed body',
    code: 'unsupported_media_type',
    body: gzipSync('{"content":"x"}'),
    headers: { 'content-encoding': 'gzip' },
  },
  { is: 'a duplicate field', code: 'invalid_input', pointer: '/content', body: '{"content":"x","content":"y"}' },
  { is: 'a body over 1 MB', code: 'too_large', body: { content: 'x'.repeat(1024 * 1024) } },
  { is: 'no object', code: 'invalid_input', pointer: '', body: '[]' },
  { is: 'no body', code: 'invalid_input', pointer: '/content' },
  {
    is: 'endless nesting',
    code: 'invalid_input',
    pointer: '/a',
    body: `${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}`,
  },
  { is: '__proto__', code: 'invalid_input', pointer: '/__proto__', body: '{"content": "x", "__proto__": {}}' },
  { is: 'half of a character', code: 'invalid_input', pointer: '/content', body: '{"content": "\\ud800"}' },
  {
    is: 'a number that would become infinite',
    code: 'invalid_input',
    pointer: '/metadata/n',
    body: '{"content":"x","metadata":{"n":1e999}}',
  },
  { is: 'a wrong type', code: 'invalid_input', pointer: '/content', body: { content: 5 } },
  { is: 'an empty text', code: 'invalid_input', pointer: '/content', body: { content: '' } },
  { is: 'a control character', code: 'invalid_input', pointer: '/content', body: { content: 'a\u0000b' } },
  { is: 'content over 256 KB', code: 'invalid_input', pointer: '/content', body: { content: 'x'.repeat(262_145) } },
  { is: 'an unknown field', code: 'invalid_input', pointer: '/prioritiy', body: { content, prioritiy: 'high' } },
  { is: 'an unknown priority', code: 'invalid_input', pointer: '/priority', body: { content, priority: 'urgent' } },
  {
    is: 'a number out of range',
    code: 'invalid_input',
    pointer: '/max_attempts',
    body: { content, max_attempts: 101 },
  },
  {
    is: 'an invalid name',
    code: 'invalid_input',
    pointer: '/requirements/0',
    body: { content, requirements: ['a b'] },
  },
  {
    is: 'different keys in header and body',
    code: 'invalid_input',
    pointer: '/idempotency_key',
    body: { content, idempotency_key: 'one' },
    headers: { 'idempotency-key': 'two' },
  },
  {
    is: 'a time after the maximum age',
    code: 'invalid_input',
    pointer: '/not_before',
    body: { content, not_before: '2099-01-01T00:00:00Z' },
  },
  {
    is: 'a time in a graph after the maximum age',
    code: 'invalid_input',
    pointer: '/tasks/1/not_before',
    route: 'POST /v1/graphs',
    body: {
      tasks: [
        { key: 'soon', content },
        { key: 'late', content, not_before: '2099-01-01T00:00:00Z' },
      ],
    },
  },
  { is: 'an unknown task', code: 'task_not_found', route: 'GET /v1/tasks/nobody' },
  { is: 'an unknown agent', code: 'agent_not_found', route: 'GET /v1/agents/nobody' },
  {
    is: 'an unknown agent to assign to',
    code: 'agent_not_found',
    route: 'POST /v1/tasks/{task}/assign',
    body: { agent_id: 'no' },
  },
  { is: 'an invalid id', code: 'invalid_input', pointer: '/task_id', route: 'GET /v1/tasks/a%20b%00' },
  { is: 'a word for a number', code: 'invalid_input', pointer: '/limit', route: 'GET /v1/tasks?limit=many' },
  { is: 'too large a page', code: 'invalid_input', pointer: '/limit', route: 'GET /v1/tasks?limit=101' },
  { is: 'an unknown filter', code: 'invalid_input', pointer: '/state', route: 'GET /v1/tasks?state=pending' },
  { is: 'an unknown status', code: 'invalid_input', pointer: '/status/0', route: 'GET /v1/tasks?status=done' },
  {
    is: 'a duplicate filter',
    code: 'invalid_input',
    pointer: '/priority',
    route: 'GET /v1/tasks?priority=low&priority=high',
  },
  {
    is: 'an invalid cursor',
    code: 'invalid_input',
    pointer: '/cursor',
    route: 'GET /v1/tasks?status=pending&cursor=%ff',
  },
  {
    is: 'a result over 256 KB',
    code: 'invalid_input',
    pointer: '/result',
    route: 'POST /v1/tasks/{task}/complete',
    body: { result: 'x'.repeat(262_144) },
  },
  {
    is: 'an attempt out of range',
    code: 'invalid_input',
    pointer: '/attempt',
    route: 'POST /v1/tasks/{task}/start',
    body: { attempt: -1 },
  },
  { is: 'no error', code: 'invalid_input', pointer: '/error', route: 'POST /v1/tasks/{task}/fail', body: {} },
  {
    is: 'a claim out of range',
    code: 'invalid_input',
    pointer: '/limit',
    route: 'POST /v1/agents/{agent}/claim',
    body: { limit: 11 },
  },
  {
    is: 'no confidence',
    code: 'invalid_input',
    pointer: '/confidence',
    route: 'POST /v1/agents/{agent}/capabilities',
    body: { capability: 'x', confidence: 0 },
  },
  {
    is: 'a maximum out of range',
    code: 'invalid_input',
    pointer: '/max_concurrent_tasks',
    route: 'POST /v1/agents',
    body: { agent_id: 'x', max_concurrent_tasks: 0 },
  },
  { is: 'an unknown role', code: 'invalid_input', pointer: '/role', route: 'POST /v1/keys', body: { role: 'root' } },
];

/** Sends a request byte for byte. */
async function send(muster: TestMuster, bad: Bad, existing: { task: string; agent: string }): Promise<Response> {
  const { route = 'POST /v1/tasks', body, type = 'application/json', headers } = bad;
  const [method = '', path = ''] = route.replace('{task}', existing.task).replace('{agent}', existing.agent).split(' ');
  const isRaw = typeof body === 'string' || body instanceof Buffer;
  return fetch(muster.url + path, {
    method,
    headers: {
      authorization: `Bearer ${muster.keys.admin}`,
      ...(body !== undefined && { 'content-type': type }),
      ...headers,
    },
    ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }),
  });
}

test('each is a problem that names the code, the field and the fix, and changes nothing', async ({ muster }) => {
  const [agent, task] = await Promise.all([muster.agent('bot'), muster.create({})]);
  const { created_at: created_after } = await muster.task(task);
  const look = async () => ({
    task: await muster.task(task),
    agent: await muster.call('get_agent', { agent_id: agent }),
    tasks: (await muster.call('query_tasks', { created_after })).tasks,
    keys: await muster.call('list_keys', {}),
  });
  const before = await look();

  for (const bad of requests) {
    const response = await send(muster, bad, { task, agent });
    const problem = (await response.json()) as Problem;
    expect({
      is: bad.is,
      status: response.status,
      type: response.headers.get('content-type'),
      code: problem.code,
      pointer: problem.errors?.[0]?.pointer,
    }).toEqual({
      is: bad.is,
      status: codes[bad.code].status,
      type: 'application/problem+json',
      code: bad.code,
      pointer: bad.pointer,
    });
    expect(problem).toMatchObject({ status: response.status, title: codes[bad.code].title });
    for (const words of [problem.detail, problem.hint, problem.instance]) expect(words).toMatch(/\S/);
  }

  expect(await look()).toEqual(before);
});

test('none of it costs a write', async ({ muster }) => {
  const [agent, task] = await Promise.all([muster.agent('bot'), muster.create({})]);
  await muster.settled();
  const { meter } = muster.local;
  const before = meter.snapshot();
  for (const bad of requests) await send(muster, bad, { task, agent });
  await muster.settled();
  // Only the caller's usage, since messages of an earlier test may arrive meanwhile.
  const used = meter.since(before).total({ caller: functionNamed(muster.local, 'api') });
  expect(used).toMatchObject({ writeUnits: 0, failedConditions: 0, messages: 0, events: 0 });
});

test('requests that API Gateway itself refuses get its own responses', async ({ muster }) => {
  const ask = async (method: string, path: string, key?: string) => {
    const { status, body } = await muster.http(method, path, undefined, key);
    return { status, body };
  };
  expect(await ask('GET', '/v1/tasks', '')).toEqual({ status: 401, body: { message: 'Unauthorized' } });
  expect(await ask('GET', '/v1/nothing')).toEqual({ status: 404, body: { message: 'Not Found' } });
  expect(await ask('PUT', '/v1/tasks')).toEqual({ status: 404, body: { message: 'Not Found' } });
  expect(await ask('GET', '/v1/tasks/%zz')).toEqual({ status: 400, body: { message: 'Bad Request' } });
});
