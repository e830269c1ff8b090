import { describe, expect, test } from 'vitest';
import { MessageRefusal, readMessage } from '../../functions/mcp/message.ts';

const [parseError, invalidRequest, methodNotFound, invalidParams] = [-32700, -32600, -32601, -32602];

/** The refusal of a message, as sent to the client. */
async function refusalOf(message: unknown) {
  try {
    readMessage(typeof message === 'string' ? message : JSON.stringify(message));
  } catch (error) {
    if (!(error instanceof MessageRefusal)) throw error;
    const response = error.response();
    return { status: response.status, ...((await response.json()) as { id: unknown; error: unknown }) };
  }
  return 'taken';
}

const request = { jsonrpc: '2.0', id: 7 };
const call = (params: object) => ({ ...request, method: 'tools/call', params });
const stateless = { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } };
const proto = (text: string) => text.replace('PROTO', '"__proto__":{}');

describe('is refused', () => {
  const id = 7;
  test.each([
    { what: 'broken JSON', message: '{', code: parseError, says: 'The message is not valid JSON.' },
    { what: 'nothing', message: '', code: parseError, says: 'The message is not valid JSON.' },
    { what: 'a number', message: '5', code: invalidRequest, says: 'The message must be a JSON object.' },
    {
      what: 'a batch',
      message: '[{}]',
      code: invalidRequest,
      says: 'Batches are not supported: send one message per request.',
    },
    {
      what: 'a message without a version',
      message: { id, method: 'ping' },
      id,
      code: invalidRequest,
      says: 'jsonrpc must be "2.0".',
    },
    {
      what: 'an id that cannot be echoed',
      message: '{"jsonrpc":"2.0","id":12345678901234567890,"method":"ping"}',
      code: invalidRequest,
      says: 'id must be text or a whole number of at most 2^53 - 1.',
    },
    {
      what: 'an id of null',
      message: { ...request, id: null, method: 'ping' },
      code: invalidRequest,
      says: 'id must be text or a whole number of at most 2^53 - 1.',
    },
    {
      what: 'no method',
      message: request,
      id,
      code: invalidRequest,
      says: 'method must be text, such as "tools/call".',
    },
    {
      what: 'a duplicate field',
      message: '{"jsonrpc":"2.0","id":7,"method":"ping","method":"ping"}',
      id,
      code: invalidRequest,
      says: '/method: is given more than once',
    },
    {
      what: 'a reserved name',
      message: proto('{"jsonrpc":"2.0","id":7,"method":"ping",PROTO}'),
      code: invalidRequest,
      says: '__proto__ is not an allowed name.',
    },
    {
      what: 'a reserved name in params',
      message: proto('{"jsonrpc":"2.0","id":7,"method":"ping","params":{PROTO}}'),
      id,
      code: invalidParams,
      says: '/params/__proto__: is not an allowed field name.',
    },
    {
      what: 'a list of params',
      message: { ...request, method: 'ping', params: [] },
      id,
      code: invalidParams,
      says: 'params must be an object.',
    },
  ])('$what', async ({ message, code, says, id = null }) => {
    expect(await refusalOf(message)).toEqual({ status: 400, jsonrpc: '2.0', id, error: { code, message: says } });
  });

  test.each([
    { what: 'a call without params', message: { ...request, method: 'tools/call' }, says: '/params/name: is missing' },
    { what: 'a call without a name', message: call({ arguments: {} }), says: '/params/name: is missing' },
    { what: 'a name that is not text', message: call({ name: 5 }), says: '/params/name: is not valid in the protocol' },
    {
      what: 'initialize without a version',
      message: { ...request, method: 'initialize', params: {} },
      says: '/params/protocolVersion: is missing',
    },
    {
      what: 'a cursor that is not text',
      message: { ...request, method: 'tools/list', params: { cursor: 5 } },
      says: '/params/cursor: is not valid in the protocol',
    },
    {
      what: 'a cursor',
      message: { ...request, method: 'tools/list', params: { cursor: 'x' } },
      says: 'Unknown cursor: the list of tools has one page.',
    },
  ])('$what as invalid params', async ({ message, says }) => {
    expect(await refusalOf(message)).toMatchObject({ status: 200, id, error: { code: invalidParams, message: says } });
  });

  test.each(['nonsense', 'resources/list', '__proto__', 'constructor'])('the unknown method %s', async (method) => {
    const says = `Unknown method ${method}. Muster offers tools and nothing else: tools/list, tools/call.`;
    const error = { code: methodNotFound, message: says };
    expect(await refusalOf({ ...request, method })).toMatchObject({ status: 200, id, error });
  });

  test('an unknown method of the protocol since 2026, as an HTTP status too', async () => {
    const message = { ...request, method: 'nonsense', params: stateless };
    expect(await refusalOf(message)).toMatchObject({ status: 404, id, error: { code: methodNotFound } });
  });
});

describe('is accepted', () => {
  test.each([
    { what: 'an unknown notification', message: { jsonrpc: '2.0', method: 'nonsense' } },
    { what: 'an answer', message: { jsonrpc: '2.0', id: 1, result: {} } },
    { what: 'a discovery', message: { ...request, method: 'server/discover', params: stateless } },
    { what: 'arguments of any kind, for the tool to refuse', message: call({ name: 'x', arguments: [1] }) },
    { what: 'an unknown member', message: { ...request, method: 'ping', extra: 1 } },
  ])('$what', async ({ message }) => {
    expect(await refusalOf(message)).toBe('taken');
  });

  test('null for params and for _meta, as empty', () => {
    expect(readMessage(JSON.stringify({ ...request, method: 'ping', params: null })).message).toEqual({
      ...request,
      method: 'ping',
      params: {},
    });
    expect(readMessage(JSON.stringify(call({ name: 'x', _meta: null }))).message).toEqual(call({ name: 'x' }));
  });
});

test('the arguments are returned as sent, with what parsing has changed in them', () => {
  const text =
    '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"x","arguments":{"__proto__":1,"n":1e999}}}';
  const { message, given, changed } = readMessage(text);
  expect(message).toEqual(call({ name: 'x' }));
  expect(JSON.stringify(given)).toBe('{"__proto__":1,"n":null}');
  expect(changed).toMatchObject([{ path: ['n'] }]);
});
