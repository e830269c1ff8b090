/** API Gateway's CORS responses, according to its documentation and to what others have recorded. */
import { expect } from 'vitest';
import { test } from '../support/running-template.ts';
import type { TinyTemplate } from '../support/tiny-template.ts';

const page = 'http://localhost:5173';

/** A route with an authorizer, and a function with its own CORS headers. */
function withCors(tiny: TinyTemplate, configuration?: Record<string, unknown>): void {
  const headers = `{ 'Access-Control-Allow-Origin': 'https://evil.example', 'retry-after': '1' }`;
  tiny
    .function('Api', `record(event); return { statusCode: 429, headers: ${headers}, body: 'later' };`)
    .function('Authorize', `record(event); return { isAuthorized: true };`)
    .route('POST /tasks', 'Api', { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Authorizer' } })
    .add({
      HttpApi: {
        Type: 'AWS::ApiGatewayV2::Api',
        Properties: { ProtocolType: 'HTTP', ...(configuration && { CorsConfiguration: configuration }) },
      },
      Authorizer: {
        Type: 'AWS::ApiGatewayV2::Authorizer',
        Properties: {
          ApiId: { Ref: 'HttpApi' },
          AuthorizerType: 'REQUEST',
          AuthorizerUri: {
            'Fn::Sub':
              'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Authorize.Arn}/invocations',
          },
          AuthorizerPayloadFormatVersion: '2.0',
          AuthorizerResultTtlInSeconds: 0,
          EnableSimpleResponses: true,
          IdentitySource: ['$request.header.Authorization'],
        },
      },
    });
}

const some = {
  AllowOrigins: [page, 'https://*'],
  AllowMethods: ['GET', 'POST'],
  AllowHeaders: ['authorization', 'content-type'],
  ExposeHeaders: ['retry-after'],
  MaxAge: 60,
};

async function answer(url: string, method: string, headers: Record<string, string>) {
  const response = await fetch(`${url}/tasks`, { method, headers });
  const cors = [...response.headers].filter(([name]) => name.startsWith('access-control-'));
  return { status: response.status, body: await response.text(), cors: Object.fromEntries(cors) };
}

test('a preflight needs no authorizer and no function, and gets headers only if everything requested is allowed', async ({
  tiny,
  run,
}) => {
  withCors(tiny, some);
  const { url } = await run();
  const preflight = (origin: string, method: string, asked?: string) =>
    answer(url, 'OPTIONS', {
      origin,
      'access-control-request-method': method,
      ...(asked && { 'access-control-request-headers': asked }),
    });
  const allowed = (origin: string) => ({
    status: 204,
    body: '',
    cors: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '60',
    },
  });
  const refused = { status: 204, body: '', cors: {} };

  expect(await preflight(page, 'POST', 'Authorization, content-type')).toEqual(allowed(page));
  expect(await preflight('HTTP://LOCALHOST:5173', 'POST')).toEqual(allowed('HTTP://LOCALHOST:5173'));
  expect(await preflight('https://any.example', 'GET')).toEqual(allowed('https://any.example'));
  expect(await preflight('http://localhost:5174', 'POST')).toEqual(refused);
  expect(await preflight('null', 'POST')).toEqual(refused);
  expect(await preflight(page, 'PATCH')).toEqual(refused);
  expect(await preflight(page, 'POST', 'authorization,x-other')).toEqual(refused);
  expect(await answer(url, 'OPTIONS', { origin: page })).toEqual(refused);
  expect(await answer(url, 'OPTIONS', {})).toEqual(refused);
  expect([tiny.recorded('Authorize'), tiny.recorded('Api')]).toEqual([[], []]);
});

test("a function's response gets the headers for its origin instead of its own", async ({ tiny, run }) => {
  withCors(tiny, some);
  const { url } = await run();
  const post = (headers: Record<string, string>) => answer(url, 'POST', { authorization: 'key', ...headers });
  const answered = { status: 429, body: 'later' };

  expect(await post({ origin: page })).toEqual({
    ...answered,
    cors: { 'access-control-allow-origin': page, 'access-control-expose-headers': 'retry-after' },
  });
  expect(await post({ origin: 'http://localhost:5174' })).toEqual({ ...answered, cors: {} });
  expect(await post({})).toEqual({ ...answered, cors: {} });
  // Its own responses have none.
  expect(await answer(url, 'POST', { origin: page })).toMatchObject({ status: 401, cors: {} });
});

test('* allows all origins, methods and headers', async ({ tiny, run }) => {
  withCors(tiny, { AllowOrigins: ['*'], AllowMethods: ['*'], AllowHeaders: ['*'] });
  const { url } = await run();
  const asked = { origin: 'null', 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-any' };
  expect((await answer(url, 'OPTIONS', asked)).cors).toEqual({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': '*',
    'access-control-allow-headers': '*',
  });
  expect((await answer(url, 'POST', { authorization: 'key', origin: 'null' })).cors).toEqual({
    'access-control-allow-origin': '*',
  });
});

test("without a configuration there is no preflight, and the function's headers are kept", async ({ tiny, run }) => {
  withCors(tiny);
  const { url } = await run();
  const asked = { origin: page, 'access-control-request-method': 'POST' };
  expect(await answer(url, 'OPTIONS', asked)).toMatchObject({ status: 404, cors: {} });
  const { cors } = await answer(url, 'POST', { authorization: 'key', origin: page });
  expect(cors).toEqual({ 'access-control-allow-origin': 'https://evil.example' });
});
