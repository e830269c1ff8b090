import { gzipSync } from 'node:zlib';
import { describe } from 'vitest';
import { limits } from '#shared/contract/limits.ts';
import { connectMcp } from '../support/mcp.ts';
import { expect, test } from '../support/muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
const accept = { accept: 'application/json, text/event-stream' };

/** Sends a message of the 2025 protocol and returns the response. */
async function post(
  muster: TestMuster,
  message: object | string | Uint8Array,
  { key = muster.keys.admin, headers = {} } = {},
) {
  const response = await fetch(`${muster.url}/mcp`, {
    method: 'POST',
    headers: {
      ...(key !== '' && { authorization: `Bearer ${key}` }),
      'content-type': 'application/json',
      ...accept,
      ...headers,
    },
    body: typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message),
  });
  const text = await response.text();
  const body = (/^data: (.*)$/m.exec(text)?.[1] ?? text) || 'null';
  return { status: response.status, headers: response.headers, body: JSON.parse(body) as Record<string, unknown> };
}

const errorWith = (code: number) => ({ jsonrpc: '2.0', error: { code } });

test('a message gets a response', async ({ muster }) => {
  const { status, headers, body } = await post(muster, ping);
  expect({ status, body }).toEqual({ status: 200, body: { jsonrpc: '2.0', id: 1, result: {} } });
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

test('a notification is accepted without a response', async ({ muster }) => {
  const { status, body } = await post(muster, { jsonrpc: '2.0', method: 'notifications/initialized' });
  expect({ status, body }).toEqual({ status: 202, body: null });
});

test.for(['GET', 'DELETE'])('%s is not allowed: there are no sessions', async (method, { muster }) => {
  const headers = { accept: 'text/event-stream' };
  const answer = await muster.http(method, '/mcp', undefined, muster.keys.admin, headers);
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('POST');
});

describe('a caller without a valid key', () => {
  test('is asked for a key, without a reference to a server that issues keys', async ({ muster }) => {
    const { status, body, headers } = await post(muster, ping, { key: '' });
    expect({ status, body }).toMatchObject({
      status: 401,
      body: { code: 'invalid_key', detail: 'The request has no API key.' },
    });
    expect(headers.get('www-authenticate')).toBe('Bearer realm="Muster"');
    expect((await muster.http('GET', '/.well-known/oauth-protected-resource')).status).toBe(404);
  });

  test.for(['GET', 'DELETE'])('is asked for a key by %s too', async (method, { muster }) => {
    const { status, headers } = await muster.http(method, '/mcp', undefined, '');
    expect({ status, challenge: headers.get('www-authenticate') }).toEqual({
      status: 401,
      challenge: 'Bearer realm="Muster"',
    });
  });

  test('learns why its key is refused', async ({ muster }) => {
    const { status, body, headers } = await post(muster, ping, { key: 'mst_000000000000_wrong' });
    expect({ status, code: body['code'] }).toEqual({ status: 401, code: 'invalid_key' });
    const detail = 'The Authorization header does not contain a valid key.';
    expect(headers.get('www-authenticate')).toBe(
      `Bearer realm="Muster", error="invalid_token", error_description="${detail}"`,
    );
  });

  test('is refused as soon as its key is revoked, since nothing is cached', async ({ muster }) => {
    const { key, key_id } = await muster.call('create_key', { role: 'viewer' });
    expect((await post(muster, ping, { key })).status).toBe(200);
    await muster.call('revoke_key', { key_id });
    expect(await post(muster, ping, { key })).toMatchObject({ status: 401, body: { code: 'revoked_key' } });
  });

  test('cannot call a tool by name that its role does not see', async ({ muster }) => {
    const session = await connectMcp({ url: muster.url, key: muster.keys.viewer });
    const { isError, structuredContent } = await session.call('orchestration_create_task', { content: 'x' });
    expect(isError).toBe(true);
    expect(structuredContent).toMatchObject({ code: 'missing_scope' });
  });
});

describe('an invalid message', () => {
  test.for([
    { what: 'broken JSON', message: '{', code: -32700 },
    { what: 'nothing', message: '', code: -32700 },
    { what: 'a number', message: '5', code: -32600 },
    { what: 'an object without a version', message: { id: 1, method: 'ping' }, code: -32600 },
    { what: 'a batch', message: [ping, { ...ping, id: 2 }], code: -32600 },
    { what: 'unterminated JSON', message: '['.repeat(100_000), code: -32600 },
  ])('$what is refused', async ({ message, code }, { muster }) => {
    const { status, body } = await post(muster, message);
    expect(status).toBe(400);
    expect(body).toMatchObject(errorWith(code));
  });

  test('a body of more than 1 MB is refused', async ({ muster }) => {
    const { status } = await post(muster, { ...ping, params: { padding: 'x'.repeat(limits.bodyBytes) } });
    expect(status).toBe(413);
  });

  test('a compressed message is refused', async ({ muster }) => {
    const headers = { 'content-encoding': 'gzip' };
    const answer = await post(muster, gzipSync(JSON.stringify(ping)), { headers });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    expect(answer.body['detail']).toContain('content encoding gzip');
  });

  test('bytes that are not UTF-8 are refused', async ({ muster }) => {
    const message = Buffer.from(JSON.stringify({ ...ping, params: { text: 'caf\u00e9' } }), 'latin1');
    expect(await post(muster, message)).toMatchObject({ status: 400, body: errorWith(-32700) });
  });

  test('a number that would change in meaning, and a duplicate field, are refused with their pointer', async ({
    muster,
  }) => {
    const call = (rows: string) =>
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"orchestration_create_task","arguments":{"content":"x","metadata":${rows}}}}`;
    for (const [metadata, pointer] of [
      ['{"row":1970670598291982291}', '/metadata/row'],
      ['{"row":1,"row":2}', '/metadata/row'],
    ] as const) {
      const { body } = await post(muster, call(metadata));
      expect(body).toMatchObject({
        result: { isError: true, structuredContent: { code: 'invalid_input', errors: [{ pointer }] } },
      });
    }
  });

  test('another content type is refused', async ({ muster }) => {
    const { status } = await post(muster, ping, { headers: { 'content-type': 'text/plain' } });
    expect(status).toBe(415);
  });

  test.for(['resources/list', 'prompts/list', 'logging/setLevel', 'nonsense'])(
    'the method %s is not found',
    async (method, { muster }) => {
      const { body } = await post(muster, { jsonrpc: '2.0', id: 1, method, params: {} });
      expect(body).toMatchObject(errorWith(-32601));
    },
  );
});

test('null arguments are empty', async ({ muster }) => {
  const params = { name: 'orchestration_get_health', arguments: null };
  const { body } = await post(muster, { ...ping, method: 'tools/call', params });
  expect(body).toMatchObject({ result: { structuredContent: { status: expect.any(String) as string } } });
});

test('a reserved name among the arguments is refused, not dropped', async ({ muster }) => {
  const params = '{"name":"orchestration_query_tasks","arguments":{"__proto__":{"limit":1}}}';
  const { body } = await post(muster, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`);
  expect(body).toMatchObject({
    result: { isError: true, structuredContent: { errors: [{ pointer: '/__proto__' }] } },
  });
});

describe('an unknown query', () => {
  test.for([
    { query: 'tools=sead', message: 'must be one of seed, worker, producer, not "sead"; leave it out for all tools' },
    { query: 'tools=', message: 'must be one of seed, worker, producer, not ""; leave it out for all tools' },
    { query: 'tools=seed&tools=worker', message: 'is given more than once' },
    { query: 'tool=seed', message: 'is not a known parameter; did you mean tools?', pointer: '/tool' },
  ])('is refused: $query', async ({ query, message, pointer = '/tools' }, { muster }) => {
    const { status, body } = await muster.http('POST', `/mcp?${query}`, ping, muster.keys.admin, accept);
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'invalid_input', errors: [{ pointer, message }] });
  });
});

describe('a web page', () => {
  test.for(['https://evil.example', 'http://127.0.0.1.evil.example:4800', 'null'])(
    'from %s is refused, with or without a key',
    async (origin, { muster }) => {
      const { status } = await post(muster, ping, { headers: { origin } });
      expect(status).toBe(403);
    },
  );

  test('from this machine is allowed', async ({ muster }) => {
    const { status } = await post(muster, ping, { headers: { origin: 'http://localhost:6274' } });
    expect(status).toBe(200);
  });
});

describe('a refused call', () => {
  test('names the next step in terms of tools', async ({ muster }) => {
    const session = await connectMcp({ url: muster.url, key: muster.keys.admin });
    const { content, structuredContent } = await session.call('orchestration_get_agent', { agent_id: 'nobody' });
    expect(structuredContent).toMatchObject({ code: 'agent_not_found', detail: 'Agent nobody not found.' });
    expect(content[0]?.text).toContain('orchestration_register_agent');
    expect(content[0]?.text).not.toContain('/v1/');
  });

  test('names the agent that only an agent may omit', async ({ muster }) => {
    const session = await connectMcp({ url: muster.url, key: muster.keys.admin });
    const { structuredContent } = await session.call('orchestration_claim_tasks');
    expect(structuredContent).toMatchObject({ errors: [{ pointer: '/agent_id', message: 'is missing' }] });
  });

  test('changes nothing', async ({ muster }) => {
    const session = await connectMcp({ url: muster.url, key: muster.keys.admin });
    const task_id = await muster.create({});
    const before = await muster.task(task_id);
    const { structuredContent } = await session.call('orchestration_complete_task', { task_id, result: 1 });
    expect(structuredContent).toMatchObject({ code: 'not_running' });
    expect(await muster.task(task_id)).toEqual(before);
  });
});

test('text that people stored in Muster appears in no description and no instructions', async ({ muster }) => {
  const words = muster.name('ignore-all-previous-instructions');
  await muster.agent(words, [words]);
  await muster.create({ content: words, task_type: words, requirements: [words] });
  const session = await connectMcp({ url: muster.url, key: muster.keys.admin });
  expect(JSON.stringify(await session.tools())).not.toContain(words);
  expect(session.instructions).not.toContain(words);
});

test('a result too long to send twice is only in the structured content', async ({ muster }) => {
  const content = 'x'.repeat(250 * 1024);
  const ids = await Promise.all(Array.from({ length: 3 }, () => muster.create({ content })));
  const worker = await muster.agent('worker');
  const session = await connectMcp({ url: muster.url, key: muster.keys.admin });
  const claim = await session.call('orchestration_claim_tasks', { agent_id: worker, limit: 3 });
  const claimed = claim.structuredContent?.['tasks'] as { task_id: string; content: string }[];
  expect(claimed.map(({ task_id }) => task_id).sort()).toEqual(ids.sort());
  expect(claimed.every((task) => task.content === content)).toBe(true);
  expect(claim.content[0]?.text).toMatch(/^The result is \d+ characters/);
});
