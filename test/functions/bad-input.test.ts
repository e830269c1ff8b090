import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codes, type Code } from '#shared/contract/problem.ts';
import { operations, type OperationName } from '#shared/contract/operations.ts';
import { startFunctions, type Functions, type Request } from './api.ts';

let functions: Functions;
beforeAll(async () => {
  functions = await startFunctions();
  await functions.call('register_agent', { body: { agent_id: 'bot', capabilities: ['python'] } });
});
afterAll(() => functions.stop());

interface Bad {
  is: string;
  operation?: OperationName;
  request: Request;
  code: Code;
  /** Of the first error; absent if there are no fields to name. */
  pointer?: string;
}

const task = (fields: object): Request => ({ body: { content: 'x', ...fields } });
const raw = (body: string | Uint8Array, type?: string): Request => ({
  body,
  headers: type === undefined ? {} : { 'content-type': type },
});
const json = (body: string | Uint8Array) => raw(body, 'application/json; charset=utf-8');
const invalid = (is: string, fields: object, pointer: string): Bad => ({
  is,
  request: task(fields),
  code: 'invalid_input',
  pointer,
});
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

const bodies: Bad[] = [
  { is: 'malformed JSON', request: json('{"content": "x",}'), code: 'not_parsable' },
  { is: 'half a document', request: json('{"content": "x"'), code: 'not_parsable' },
  { is: 'NaN', request: json('{"content": "x", "timeout_seconds": NaN}'), code: 'not_parsable' },
  { is: 'two documents', request: json('{"content": "x"} {}'), code: 'not_parsable' },
  { is: 'bytes that are not UTF-8', request: json(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), code: 'not_parsable' },
  { is: 'UTF-16', request: json(Buffer.from('{"content": "x"}', 'utf16le')), code: 'not_parsable' },
  {
    is: 'a compressed body',
    request: {
      body: gzipSync('{"content": "x"}'),
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    },
    code: 'unsupported_media_type',
  },
  { is: 'no content type', request: raw('{"content": "x"}'), code: 'unsupported_media_type' },
  { is: 'a form', request: raw('content=x', 'application/x-www-form-urlencoded'), code: 'unsupported_media_type' },
  { is: 'a similar content type', request: raw('{}', 'application/jsonp'), code: 'unsupported_media_type' },
  { is: 'a body over 1 MB', request: task({ content: 'x'.repeat(1024 * 1024) }), code: 'too_large' },
  { is: 'a list', request: json('[]'), code: 'invalid_input', pointer: '' },
  { is: 'a text', request: json('"content"'), code: 'invalid_input', pointer: '' },
  { is: 'null', request: json('null'), code: 'invalid_input', pointer: '' },
  { is: 'no body', request: {}, code: 'invalid_input', pointer: '/content' },
  {
    is: 'an integer that JavaScript would round',
    request: json('{"content": "x", "metadata": {"rows": [1, 1970670598291982291]}}'),
    code: 'invalid_input',
    pointer: '/metadata/rows/1',
  },
  {
    is: 'a number that would become 0',
    request: json('{"content": "x", "metadata": {"p": 1e-400}}'),
    code: 'invalid_input',
    pointer: '/metadata/p',
  },
  {
    is: 'a field given twice',
    request: json('{"content": "x", "metadata": {"a": 1, "a": 2}}'),
    code: 'invalid_input',
    pointer: '/metadata/a',
  },
  { is: 'endless nesting', request: json(nested(100_000)), code: 'invalid_input', pointer: '/a' },
  {
    is: 'endlessly nested lists',
    request: json(`{"content": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
    code: 'invalid_input',
    pointer: '/content',
  },
  {
    is: 'the field __proto__',
    request: json('{"content": "x", "__proto__": {"priority": "high"}}'),
    code: 'invalid_input',
    pointer: '/__proto__',
  },
  {
    is: '__proto__ inside',
    request: json('{"content": "x", "metadata": {"__proto__": {}}}'),
    code: 'invalid_input',
    pointer: '/metadata/__proto__',
  },
  {
    is: 'a number that would become infinite',
    request: json('{"content": "x", "metadata": {"n": 1e999}}'),
    code: 'invalid_input',
    pointer: '/metadata/n',
  },
  {
    is: 'half a surrogate pair',
    request: json('{"content": "\\ud800"}'),
    code: 'invalid_input',
    pointer: '/content',
  },
  {
    is: 'half a surrogate pair in a name',
    request: json('{"content": "x", "metadata": {"\\udfff": 1}}'),
    code: 'invalid_input',
    pointer: '/metadata/\uFFFD',
  },
];

const fields: Bad[] = [
  invalid('a wrong type', { content: 5 }, '/content'),
  invalid('null for a text', { content: null }, '/content'),
  invalid('an empty text', { content: '' }, '/content'),
  invalid('a control character', { content: 'a\u0000b' }, '/content'),
  invalid('an escape sequence', { content: 'a\u001b[31m' }, '/content'),
  invalid('content over 256 KB', { content: 'x'.repeat(256 * 1024 + 1) }, '/content'),
  invalid('content over 256 KB in bytes, not in characters', { content: 'é'.repeat(128 * 1024 + 1) }, '/content'),
  invalid('an unknown field', { prioritiy: 'high' }, '/prioritiy'),
  invalid('a field named with / and ~', { 'a/b~c': 1 }, '/a~1b~0c'),
  invalid('an unknown priority', { priority: 'urgent' }, '/priority'),
  invalid('a number too small', { max_attempts: 0 }, '/max_attempts'),
  invalid('a number too large', { timeout_seconds: 604_801 }, '/timeout_seconds'),
  invalid('a huge number', { timeout_seconds: 1e300 }, '/timeout_seconds'),
  invalid('a fraction', { max_attempts: 1.5 }, '/max_attempts'),
  invalid('a number as text', { max_attempts: '3' }, '/max_attempts'),
  invalid('a text for a list', { requirements: 'python' }, '/requirements'),
  invalid('an empty name', { requirements: ['python', ''] }, '/requirements/1'),
  invalid('a name with spaces', { requirements: ['data analysis'] }, '/requirements/0'),
  invalid('a name with *', { task_type: 'a*b' }, '/task_type'),
  invalid('a name too long', { task_type: 'x'.repeat(65) }, '/task_type'),
  invalid('too many requirements', { requirements: Array(21).fill('python') }, '/requirements'),
  invalid('too many dependencies', { dependencies: Array(1001).fill('x') }, '/dependencies'),
  invalid('a date that is none', { not_before: '2026-02-30T00:00:00Z' }, '/not_before'),
  invalid('a date without a zone', { not_before: '2026-11-10T09:00:00' }, '/not_before'),
  invalid('metadata over 4 KB', { metadata: { a: 'x'.repeat(4096) } }, '/metadata'),
  invalid('metadata nested over 32 deep', { metadata: JSON.parse(nested(33)) as object }, '/metadata'),
  invalid('metadata that is a list', { metadata: [] }, '/metadata'),
];

const elsewhere: Bad[] = [
  {
    is: 'a path that is not a name',
    operation: 'get_task',
    request: { path: { task_id: 'a b' } },
    code: 'invalid_input',
    pointer: '/task_id',
  },
  { is: 'an unknown task', operation: 'get_task', request: { path: { task_id: 'nobody' } }, code: 'task_not_found' },
  { is: 'an unknown agent', operation: 'get_agent', request: { path: { agent_id: 'no' } }, code: 'agent_not_found' },
  {
    is: 'an invalid number in the query',
    operation: 'query_tasks',
    request: { query: 'limit=many' },
    code: 'invalid_input',
    pointer: '/limit',
  },
  {
    is: 'an unknown field in the query',
    operation: 'query_tasks',
    request: { query: 'state=pending' },
    code: 'invalid_input',
    pointer: '/state',
  },
  {
    is: 'a field twice in the query',
    operation: 'query_tasks',
    request: { query: 'limit=1&limit=2' },
    code: 'invalid_input',
    pointer: '/limit',
  },
  {
    is: 'an invalid cursor',
    operation: 'query_tasks',
    request: { query: 'status=pending&cursor=%00%ff' },
    code: 'invalid_input',
    pointer: '/cursor',
  },
  {
    is: 'an invalid cursor of keys',
    operation: 'list_keys',
    request: { query: `cursor=${'x'.repeat(2000)}` },
    code: 'invalid_input',
    pointer: '/cursor',
  },
  {
    is: 'a field with different values in path and body',
    operation: 'learn_capability',
    request: { path: { agent_id: 'bot' }, body: { agent_id: 'other', capability: 'web' } },
    code: 'invalid_input',
    pointer: '/agent_id',
  },
  {
    is: 'one idempotency key for many tasks',
    operation: 'create_tasks',
    request: {
      headers: { 'content-type': 'application/json', 'idempotency-key': 'once' },
      body: { tasks: [{ content: 'x' }] },
    },
    code: 'invalid_input',
    pointer: '/idempotency_key',
  },
  {
    is: 'different keys in body and header',
    request: {
      body: { content: 'x', idempotency_key: 'one' },
      headers: { 'content-type': 'application/json', 'idempotency-key': 'two' },
    },
    code: 'invalid_input',
    pointer: '/idempotency_key',
  },
  {
    is: 'an empty Idempotency-Key',
    request: { body: { content: 'x' }, headers: { 'content-type': 'application/json', 'idempotency-key': '' } },
    code: 'invalid_input',
    pointer: '/idempotency_key',
  },
  {
    is: 'a result over 256 KB',
    operation: 'complete_task',
    request: { path: { task_id: 'nobody' }, body: { result: 'x'.repeat(256 * 1024) } },
    code: 'invalid_input',
    pointer: '/result',
  },
  {
    is: 'an invalid attempt',
    operation: 'start_task',
    request: { path: { task_id: 'nobody' }, body: { attempt: 0 } },
    code: 'invalid_input',
    pointer: '/attempt',
  },
  {
    is: 'an agent key without an agent',
    operation: 'create_key',
    request: { body: { role: 'agent' } },
    code: 'invalid_input',
    pointer: '/agent_id',
  },
];

test.each([...bodies, ...fields, ...elsewhere])(
  '$is: $code',
  async ({ operation = 'create_task', request, code, pointer }) => {
    const before = await functions.everything();
    const { status, headers, body } = await functions.call(operation, request);
    expect({ status, code: body.code, pointer: body.errors?.[0]?.pointer }).toEqual({
      status: codes[code].status,
      code,
      pointer,
    });
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body.hint).not.toBe('');
    expect(await functions.everything()).toEqual(before);
  },
);

test('an unknown dependency is named, and nothing is left that does not expire', async () => {
  await functions.call('create_task', task({}));
  const lasting = async () => (await functions.everything()).filter(({ ttl }) => ttl === undefined);
  const before = await lasting();
  const { status, body } = await functions.call('create_task', task({ dependencies: ['nobody'] }));
  expect({ status, code: body.code }).toEqual({ status: 422, code: 'unknown_dependency' });
  expect(body.errors).toMatchObject([{ pointer: '/dependencies/0' }]);
  expect(await lasting()).toEqual(before);
});

test('a response stays small however much is wrong', async () => {
  const body = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`${'x'.repeat(1000)}${n}`, n]));
  const { body: problem } = await functions.call('create_task', { body });
  expect(problem.errors).toHaveLength(50);
  expect(JSON.stringify(problem).length).toBeLessThan(10_000);
});

test.each(['yesterday', '1795538614807', '-1', '1.5'])(
  'an invalid time is refused with both formats: %s',
  async (time) => {
    const { body } = await functions.call('query_tasks', { query: `created_after=${time}` });
    expect(body.errors).toMatchObject([
      { pointer: '/created_after', message: expect.stringMatching(/RFC 3339.* or whole seconds/) as string },
    ]);
  },
);

test('equal values in two places, and a media type with a +json suffix, are accepted', async () => {
  const { status } = await functions.call('learn_capability', {
    path: { agent_id: 'bot' },
    headers: { 'content-type': 'application/merge-patch+json' },
    body: { agent_id: 'bot', capability: 'web' },
  });
  expect(status).toBe(200);
});

/** Percent-encodes what encodeURIComponent refuses: half of a surrogate pair. */
const escapeAny = (part: unknown) => encodeURIComponent(JSON.stringify(part).toWellFormed());

describe.each(operations)('$name', ({ name, route }) => {
  const fieldNames = fc.constantFrom(
    'content',
    'agent_id',
    'task_id',
    'limit',
    'cursor',
    'result',
    'holding',
    '__proto__',
  );
  const values = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.string({ unit: 'binary' }), fc.double());
  const inputs = fc.dictionary(fc.oneof(fieldNames, fc.string()), values, { maxKeys: 4 });
  const parameters = [...route.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter ?? '');

  test('never fails, whatever input it gets', async () => {
    await fc.assert(
      fc.asyncProperty(inputs, fc.string({ unit: 'binary' }), async (input, text) => {
        const path = Object.fromEntries(parameters.map((parameter) => [parameter, text]));
        const pairs = Object.entries(input).map((pair) => pair.map(escapeAny).join('='));
        const sent = route.startsWith('POST') ? { body: input } : { query: pairs.join('&') };
        const { status } = await functions.call(name, { path, ...sent });
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 50 },
    );
  });
});
