import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Refusal } from '#shared/contract/problem.ts';
import { httpPipeline } from '../../functions/http/http-pipeline.ts';
import type { HttpRequest } from '../../functions/http/http-request.ts';
import { answerOf, context, eventOf, type Request } from './api.ts';

// Set before the imports run, because Powertools reads it when it is loaded.
vi.hoisted(() => (process.env.POWERTOOLS_METRICS_NAMESPACE = 'Muster'));

const logged: string[] = [];
beforeEach(() => {
  logged.length = 0;
  for (const output of [process.stdout, process.stderr]) {
    vi.spyOn(output, 'write').mockImplementation((line) => logged.push(String(line)) > 0);
  }
});
afterEach(() => void vi.restoreAllMocks());

/** The response to a request whose operation does this. */
async function answerTo(handle: () => Promise<unknown>, request: Request = {}, lambda: Partial<Context> = {}) {
  const event = eventOf('list_keys', request) as unknown as HttpRequest;
  return answerOf(await httpPipeline(handle)(event, { ...context, ...lambda }));
}

const fails = (error: Error) => () => Promise.reject(error);

test("an operation's output is sent as JSON that is neither cached nor rendered as a page", async () => {
  const { status, headers, body } = await answerTo(() => Promise.resolve({ keys: [] }));
  expect({ status, body }).toEqual({ status: 200, body: { keys: [] } });
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
});

test('a refusal is a problem document that names the request', async () => {
  const { status, headers, body } = await answerTo(fails(new Refusal('key_not_found', 'Key x not found.')));
  expect({ status, type: headers['content-type'] }).toEqual({ status: 404, type: 'application/problem+json' });
  expect(body).toEqual({
    type: 'urn:muster:problem:key_not_found',
    title: 'Key not found',
    status: 404,
    detail: 'Key x not found.',
    instance: 'request-1',
    code: 'key_not_found',
    hint: 'List keys with GET /v1/keys.',
  });
});

test('an unexpected error reveals nothing internal to the caller, and everything to the log', async () => {
  const { status, body } = await answerTo(fails(new TypeError('secret_table is undefined')));
  expect({ status, code: body.code }).toEqual({ status: 500, code: 'internal' });
  expect(JSON.stringify(body)).not.toContain('secret_table');
  const line = JSON.parse(logged.find((text) => text.includes('secret_table')) ?? '') as Record<string, unknown>;
  expect(line).toMatchObject({
    level: 'ERROR',
    operation: 'list_keys',
    request_id: 'request-1',
    key_id: 'admin0000000',
    function_request_id: 'invocation-1',
  });
});

test.each([
  ['a throttled table', Object.assign(new Error('slow down'), { name: 'ProvisionedThroughputExceededException' })],
  ['a service error', Object.assign(new Error('sorry'), { $metadata: { httpStatusCode: 503 } })],
  ['a cut connection', Object.assign(new Error('read'), { code: 'ECONNRESET' })],
])('%s gets 503 with Retry-After', async (_, error) => {
  const { status, headers, body } = await answerTo(fails(error));
  expect({ status, code: body.code, retryAfter: headers['retry-after'] }).toEqual({
    status: 503,
    code: 'unavailable',
    retryAfter: '1',
  });
});

test('a refusal can set its own Retry-After', async () => {
  const { headers } = await answerTo(fails(new Refusal('throttled', 'Too many.', { retryAfterSeconds: 7 })));
  expect(headers['retry-after']).toBe('7');
});

test('a request is answered before the function times out', async () => {
  const endless = () => new Promise(() => undefined);
  const { status, body } = await answerTo(endless, {}, { getRemainingTimeInMillis: () => 510 });
  expect({ status, code: body.code }).toEqual({ status: 503, code: 'unavailable' });
});

test('each request is measured once by operation, and each refusal by code', async () => {
  await answerTo(() => Promise.resolve({}));
  await answerTo(fails(new Refusal('key_not_found', 'x')));
  const metrics = logged.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(metrics.filter((line) => line['Duration'] !== undefined)).toMatchObject([
    { operation: 'list_keys', outcome: 'done', key_id: 'admin0000000', request_id: 'request-1' },
    { operation: 'list_keys', outcome: 'key_not_found' },
  ]);
  expect(metrics.filter((line) => line['Refusals'] === 1)).toMatchObject([{ code: 'key_not_found' }]);
});

test('every log line of a request contains its trace, if it has one', async () => {
  const [header, field] = ['4bf92f3577b34da6a3ce929d0e0e4736', '5cf92f3577b34da6a3ce929d0e0e4736'];
  const traceparent = (traceId: string) => `00-${traceId}-00f067aa0ba902b7-01`;
  const headers = { 'content-type': 'application/json', traceparent: traceparent(header) };
  await answerTo(() => Promise.resolve({}), { headers });
  await answerTo(fails(new TypeError('x')), { headers });
  await answerTo(() => Promise.resolve({}), { headers, body: { traceparent: traceparent(field) } });
  await answerTo(() => Promise.resolve({}), { headers: { ...headers, traceparent: 'broken' } });
  const lines = logged.map((line) => JSON.parse(line) as Record<string, unknown>);
  const about = lines.filter((line) => 'Duration' in line || line['level'] === 'ERROR');
  expect(about.map((line) => line['trace_id'])).toEqual([header, header, header, field, undefined]);
});
