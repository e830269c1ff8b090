import { expect } from 'vitest';
import { test } from '../support/running-template.ts';
import type { TinyTemplate } from '../support/tiny-template.ts';

const refusal = async (response: Response) => ({ status: response.status, body: await response.json() });

function withAuthorizer(tiny: TinyTemplate, properties: Record<string, unknown> = {}): void {
  tiny
    .function(
      'Authorize',
      `record(event);
       if (event.headers.authorization === 'broken') throw new Error('no');
       return { isAuthorized: event.headers.authorization !== 'bad', context: { who: event.identitySource[0], level: 3 } };`,
    )
    .function('Api', `record(event); return { who: event.requestContext.authorizer };`)
    .route('GET /secret', 'Api', { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Authorizer' } })
    .add({
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
          AuthorizerResultTtlInSeconds: 60,
          EnableSimpleResponses: true,
          IdentitySource: ['$request.header.Authorization'],
          ...properties,
        },
      },
    });
}

test('a function gets a request in payload format 2.0', async ({ tiny, run }) => {
  tiny.function('Api', 'return event;').route('POST /things/{thing_id}/parts/{part}', 'Api');
  const { url } = await run({ now: Date.UTC(2030, 2, 12, 19, 3, 58) });

  const response = await fetch(`${url}/things/a%2Fb/parts/%C3%A9?x=1&x=2&y=a%20b&empty=`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Two': 'one', cookie: 'a=1; b=2', 'user-agent': 'tests' },
    body: '{"a":1}',
  });

  expect(response.headers.get('content-type')).toBe('application/json');
  const date = Date.parse(response.headers.get('date') ?? '');
  expect(Math.abs(date - Date.UTC(2030, 2, 12, 19, 3, 58))).toBeLessThan(60_000);
  const event = (await response.json()) as Record<string, unknown>;
  expect(event).toMatchObject({
    version: '2.0',
    routeKey: 'POST /things/{thing_id}/parts/{part}',
    rawPath: '/things/a%2Fb/parts/%C3%A9',
    rawQueryString: 'x=1&x=2&y=a%20b&empty=',
    cookies: ['a=1', 'b=2'],
    headers: { 'content-type': 'application/json', 'x-two': 'one', 'user-agent': 'tests', 'content-length': '7' },
    queryStringParameters: { x: '1,2', y: 'a b', empty: '' },
    pathParameters: { thing_id: 'a/b', part: 'é' },
    body: '{"a":1}',
    isBase64Encoded: false,
    requestContext: {
      accountId: '000000000000',
      domainName: '127.0.0.1',
      http: {
        method: 'POST',
        path: '/things/a%2Fb/parts/%C3%A9',
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: 'tests',
      },
      routeKey: 'POST /things/{thing_id}/parts/{part}',
      stage: '$default',
      time: expect.stringMatching(/^12\/Mar\/2030:19:\d\d:\d\d \+0000$/) as string,
    },
  });
  expect(event['headers']).not.toHaveProperty('cookie');
});

test('bytes that are not UTF-8 arrive unchanged, whatever their type', async ({ tiny, run }) => {
  tiny.function('Api', 'return [event.body, event.isBase64Encoded];').route('POST /', 'Api');
  const { url } = await run();
  const body = Buffer.from('{"a":"caf\u00e9"}', 'latin1');
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(await answer.json()).toEqual([body.toString('base64'), true]);
});

test('a body that is not text arrives as base64', async ({ tiny, run }) => {
  tiny.function('Api', 'return [event.body, event.isBase64Encoded];').route('POST /', 'Api');
  const { url } = await run();
  const post = async (type: string, body: Buffer) =>
    (await fetch(`${url}/`, { method: 'POST', headers: { 'content-type': type }, body })).json();

  expect(await post('application/octet-stream', Buffer.from([0, 255]))).toEqual(['AP8=', true]);
  expect(await post('application/x-www-form-urlencoded', Buffer.from('{}'))).toEqual(['e30=', true]);
  expect(await post('application/problem+json; charset=utf-8', Buffer.from('{}'))).toEqual(['{}', false]);
});

test('a function sets status, headers, cookies and body', async ({ tiny, run }) => {
  tiny
    .function(
      'Api',
      `return { statusCode: 201, headers: { Location: '/x', N: 7 }, cookies: ['a=1', 'b=2'], body: 'aGk=', isBase64Encoded: true };`,
    )
    .route('PUT /x', 'Api')
    .function('Odd', `return { statusCode: 'soon' };`)
    .route('GET /odd', 'Odd')
    .function('Text', `return { statusCode: 204 };`)
    .route('GET /text', 'Text');
  const { url } = await run();

  const response = await fetch(`${url}/x`, { method: 'PUT' });
  expect(response.status).toBe(201);
  expect(response.headers.get('location')).toBe('/x');
  expect(response.headers.get('n')).toBe('7');
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(await response.text()).toBe('hi');

  expect(await refusal(await fetch(`${url}/odd`))).toEqual({ status: 500, body: { message: 'Internal Server Error' } });
  expect((await fetch(`${url}/text`)).status).toBe(204);
});

test('the most specific route responds, and only declared ones do', async ({ tiny, run }) => {
  tiny
    .function('Api', 'return event.routeKey;')
    .route('GET /v1/{kind}/{id}', 'Api')
    .route('GET /v1/tasks/{id}', 'Api')
    .route('GET /v1/tasks/batch', 'Api')
    .route('POST /v1/tasks/batch', 'Api');
  const { url } = await run();
  const routeOf = async (path: string, method = 'GET') => refusal(await fetch(`${url}${path}`, { method }));

  expect(await routeOf('/v1/tasks/batch')).toEqual({ status: 200, body: 'GET /v1/tasks/batch' });
  expect(await routeOf('/v1/tasks/7')).toEqual({ status: 200, body: 'GET /v1/tasks/{id}' });
  expect(await routeOf('/v1/agents/7')).toEqual({ status: 200, body: 'GET /v1/{kind}/{id}' });
  const notFound = { status: 404, body: { message: 'Not Found' } };
  expect(await routeOf('/v1/tasks/')).toEqual(notFound);
  expect(await routeOf('/v1/tasks/7', 'DELETE')).toEqual(notFound);
  expect(await routeOf('/')).toEqual(notFound);
  expect(await routeOf('/v1/tasks/%ff')).toEqual({ status: 400, body: { message: 'Bad Request' } });
});

test('the gateway sends the same responses of its own as API Gateway', async ({ tiny, run }) => {
  withAuthorizer(tiny);
  tiny
    .function('Broken', `throw new TypeError('inside');`)
    .route('GET /broken', 'Broken')
    .function('Slow', `await new Promise((done) => setTimeout(done, 500));`)
    .route('GET /slow', 'Slow')
    .route('POST /large', 'Hello');
  tiny.add({
    GETslowIntegration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'HttpApi' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': ['Slow', 'Arn'] },
        PayloadFormatVersion: '2.0',
        TimeoutInMillis: 50,
      },
    },
  });
  const { url } = await run();
  const get = async (path: string, authorization?: string) =>
    refusal(await fetch(`${url}${path}`, { headers: authorization === undefined ? {} : { authorization } }));

  expect(await get('/secret')).toEqual({ status: 401, body: { message: 'Unauthorized' } });
  expect(await get('/secret', 'bad')).toEqual({ status: 403, body: { message: 'Forbidden' } });
  expect(await get('/secret', 'broken')).toEqual({ status: 500, body: { message: 'Internal Server Error' } });
  expect(tiny.recorded('Api')).toEqual([]);
  expect(await get('/broken')).toEqual({ status: 500, body: { message: 'Internal Server Error' } });
  expect(await get('/slow')).toEqual({ status: 503, body: { message: 'Service Unavailable' } });
  const large = await fetch(`${url}/large`, { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });
  expect(await refusal(large)).toEqual({ status: 413, body: { message: 'Request Entity Too Large' } });
});

test("the authorizer's result reaches the function and is cached for its time to live", async ({ tiny, run }) => {
  withAuthorizer(tiny);
  const { url, clock } = await run();
  const get = async (authorization: string) =>
    refusal(await fetch(`${url}/secret?a=1`, { headers: { authorization } }));

  expect(await get('me')).toEqual({ status: 200, body: { who: { lambda: { who: 'me', level: 3 } } } });
  expect((await get('me')).status).toBe(200);
  expect((await get('bad')).status).toBe(403);
  expect((await get('bad')).status).toBe(403);
  expect(tiny.recorded('Authorize')).toHaveLength(2);
  expect(tiny.recorded('Authorize')[0]).toMatchObject({
    version: '2.0',
    type: 'REQUEST',
    routeArn: 'arn:aws:execute-api:us-east-1:000000000000:HttpApi/$default/GET/secret',
    identitySource: ['me'],
    routeKey: 'GET /secret',
    queryStringParameters: { a: '1' },
  });
  expect(tiny.recorded('Authorize')[0]).not.toHaveProperty('body');

  await clock.advance('61s');
  await get('me');
  expect(tiny.recorded('Authorize')).toHaveLength(3);
});

test('without a time to live, the authorizer is called each time', async ({ tiny, run }) => {
  withAuthorizer(tiny, { AuthorizerResultTtlInSeconds: 0 });
  const { url } = await run();
  for (let asked = 1; asked <= 3; asked += 1) {
    await fetch(`${url}/secret`, { headers: { authorization: 'me' } });
    expect(tiny.recorded('Authorize')).toHaveLength(asked);
  }
});

test('without an identity source, the authorizer is called each time, whatever was sent', async ({ tiny, run }) => {
  withAuthorizer(tiny, { AuthorizerResultTtlInSeconds: 0, IdentitySource: [] });
  const { url } = await run();
  for (const headers of [{}, {}, { authorization: 'me' }]) {
    expect((await fetch(`${url}/secret`, { headers })).status).toBe(200);
  }
  expect(tiny.recorded('Authorize')).toHaveLength(3);
});

test('a cache without an identity source prevents the start, since API Gateway refuses it', async ({ tiny, run }) => {
  withAuthorizer(tiny, { IdentitySource: [] });
  await expect(run()).rejects.toThrow('Authorizer has no identity source to cache its answers by');
});

test('requests beyond the burst of the stage are throttled', async ({ tiny, run }) => {
  tiny.add({
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: {
        ApiId: { Ref: 'HttpApi' },
        StageName: '$default',
        AutoDeploy: true,
        DefaultRouteSettings: { ThrottlingBurstLimit: 3, ThrottlingRateLimit: 0.001 },
      },
    },
  });
  const { url } = await run();
  const statuses = [];
  for (let request = 0; request < 5; request += 1) statuses.push((await fetch(`${url}/hello`)).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
});

const stageWith = (RouteSettings: object) => ({
  Stage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: { ApiId: { Ref: 'HttpApi' }, StageName: '$default', AutoDeploy: true, RouteSettings },
  },
});

test('requests beyond the burst of their route are throttled, and those to other routes are not', async ({
  tiny,
  run,
}) => {
  tiny.function('Api', 'return 1;').route('GET /x', 'Api');
  tiny.add(stageWith({ 'GET /x': { ThrottlingBurstLimit: 2, ThrottlingRateLimit: 0.001 } }));
  const { url } = await run();
  const answers = [];
  for (const path of ['/x', '/x', '/x', '/hello', '/x', '/hello']) answers.push(await fetch(url + path));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 200, 429, 200]);
  expect(await refusal(answers[2] as Response)).toEqual({ status: 429, body: { message: 'Too Many Requests' } });
});

test('limits of a nonexistent route prevent the start, since API Gateway refuses them', async ({ tiny, run }) => {
  tiny.add(stageWith({ 'GET /y': { ThrottlingBurstLimit: 2, ThrottlingRateLimit: 1 } }));
  await expect(run()).rejects.toThrow('Stage limits GET /y, which is not a route. Check infra/.');
});

test('an integration that API Gateway may not invoke prevents the start', async ({ tiny, run }) => {
  tiny.function('Api', 'return 1;').route('GET /x', 'Api');
  tiny.add({
    ApiPermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: 'Api',
        Principal: 'apigateway.amazonaws.com',
        SourceArn: 'arn:aws:execute-api:us-east-1:000000000000:other/*/*',
      },
    },
  });
  await expect(run()).rejects.toThrow(/No AWS::Lambda::Permission lets apigateway.amazonaws.com invoke/);
});

test('requests in progress are answered before it stops', async ({ tiny, run }) => {
  tiny
    .function('Api', `record('asked'); await new Promise((done) => setTimeout(done, 200)); return 'done';`)
    .route('GET /x', 'Api');
  const muster = await run();
  const response = fetch(`${muster.url}/x`);
  await expect.poll(() => tiny.recorded('Api')).toEqual(['asked']);
  await muster.stop();
  expect(await refusal(await response)).toEqual({ status: 200, body: 'done' });
  await expect(fetch(`${muster.url}/x`)).rejects.toThrow();
});

test('a client that does not wait for its response does not keep it from stopping', async ({ tiny, run }) => {
  tiny
    .function('Api', `record('asked'); await new Promise((done) => setTimeout(done, 200)); return 'done';`)
    .route('GET /x', 'Api');
  const muster = await run();
  const impatient = new AbortController();
  const response = fetch(`${muster.url}/x`, { signal: impatient.signal });
  await expect.poll(() => tiny.recorded('Api')).toEqual(['asked']);
  impatient.abort();
  await expect(response).rejects.toThrow();
  await muster.stop();
});

test('a header that HTTP does not allow is a 500', async ({ tiny, run }) => {
  tiny.function('Api', `return { statusCode: 200, headers: { 'x-bad': 'a\\nb' } };`).route('GET /x', 'Api');
  const { url } = await run();
  expect(await refusal(await fetch(`${url}/x`))).toEqual({ status: 500, body: { message: 'Internal Server Error' } });
});
