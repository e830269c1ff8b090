import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { test } from '../support/running-template.ts';

const get = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, body: await response.json() };
};

test('a function sees the environment of the template and the runtime, and nothing of the host', async ({
  tiny,
  run,
}) => {
  process.env['HOST_SECRET'] = 'do not leak';
  process.env['AWS_PROFILE'] = 'mine';
  tiny
    .function('Api', 'return process.env;', {
      Environment: { Variables: { QUEUE: { Ref: 'Jobs' }, TZ: 'from the template' } },
      MemorySize: 256,
    })
    .route('GET /env', 'Api')
    .add({ Jobs: { Type: 'AWS::SQS::Queue' } });
  const { url, edge } = await run();
  const { body } = await get(`${url}/env`);
  delete process.env['HOST_SECRET'];
  delete process.env['AWS_PROFILE'];

  expect(body).toMatchObject({
    QUEUE: `${edge.url}/000000000000/tiny-Jobs`,
    AWS_ENDPOINT_URL: edge.url,
    AWS_ACCESS_KEY_ID: 'Api',
    AWS_REGION: 'us-east-1',
    AWS_LAMBDA_FUNCTION_NAME: 'Api',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_CONFIG_FILE: '/dev/null',
    TZ: ':UTC',
  });
  expect(Object.keys(body as object)).not.toContain('HOST_SECRET');
  expect(Object.keys(body as object)).not.toContain('AWS_PROFILE');
  expect(Object.keys(body as object)).not.toContain('PATH');
});

test('a function that times out is stopped, and the next event gets a new instance', async ({ tiny, run }) => {
  tiny
    .function('Api', `record(context.functionName); if (event.rawQueryString === 'hang') for (;;); return 'ok';`, {
      Timeout: 1,
    })
    .route('GET /x', 'Api');
  const { url, folder } = await run();
  expect(await get(`${url}/x?hang`)).toEqual({ status: 500, body: { message: 'Internal Server Error' } });
  expect(await get(`${url}/x`)).toEqual({ status: 200, body: 'ok' });
  expect(tiny.recorded('Api')).toEqual(['Api', 'Api']);
  await expect
    .poll(() => readFileSync(join(folder, 'logs', 'Api.log'), 'utf8'))
    .toContain('"errorMessage":"Task timed out after 1.00 seconds"');
});

test('an instance handles one event at a time and keeps its memory between events', async ({ tiny, run }) => {
  tiny
    .function(
      'Api',
      `globalThis.busy = (globalThis.busy ?? 0) + 1;
       const seen = globalThis.busy;
       await new Promise((done) => setTimeout(done, 50));
       globalThis.busy -= 1;
       globalThis.handled = (globalThis.handled ?? 0) + 1;
       return { seen, handled: globalThis.handled };`,
    )
    .route('GET /x', 'Api');
  const { url } = await run();
  const answers = await Promise.all(Array.from({ length: 12 }, () => get(`${url}/x`)));
  const bodies = answers.map(({ body }) => body as { seen: number; handled: number });
  expect(bodies.map(({ seen }) => seen)).toEqual(Array(12).fill(1));
  // At most four instances share twelve events.
  expect(Math.max(...bodies.map(({ handled }) => handled))).toBeGreaterThanOrEqual(3);
});

test('a crashed instance is replaced', async ({ tiny, run }) => {
  tiny
    .function(
      'Api',
      `if (event.rawQueryString === 'exit') process.exit(3); if (event.rawQueryString === 'reject') { void Promise.reject(new Error('late')); await new Promise(() => {}); } return 'ok';`,
    )
    .route('GET /x', 'Api')
    .function('NoHandler', 'return 1;', { Handler: 'index.other' })
    .route('GET /no-handler', 'NoHandler');
  const { url } = await run();
  expect((await get(`${url}/x?exit`)).status).toBe(500);
  expect((await get(`${url}/x?reject`)).status).toBe(500);
  expect((await get(`${url}/no-handler`)).status).toBe(500);
  expect(await get(`${url}/x`)).toEqual({ status: 200, body: 'ok' });
});

test("the functions' clock can be moved", async ({ tiny, run }) => {
  tiny
    .function(
      'Api',
      `return {
         now: Date.now(), date: new Date().toISOString(), text: Date(), fixed: new Date(0).toISOString(),
         isDate: new Date() instanceof Date, made: new Date().constructor === Date, left: context.getRemainingTimeInMillis(),
       };`,
    )
    .route('GET /x', 'Api');
  const { url, clock } = await run({ now: Date.UTC(2031, 0, 1) });
  await clock.advance('2d');
  const { body } = await get(`${url}/x`);
  expect(body).toMatchObject({
    date: expect.stringMatching(/^2031-01-03T00:00:/) as string,
    text: expect.stringContaining('2031') as string,
    fixed: '1970-01-01T00:00:00.000Z',
    isDate: true,
    made: true,
  });
  const { now, left } = body as { now: number; left: number };
  expect(Math.abs(clock.now() - now)).toBeLessThan(5_000);
  expect(left).toBeGreaterThan(5_000);
  expect(() => clock.advance('soon')).toThrow('"soon" is not a duration');
});

test('a function logs to its own file', async ({ tiny, run }) => {
  tiny
    .function('Api', `console.log('{"level":"INFO","message":"é"}'); console.error('plain'); return 1;`)
    .route('GET /x', 'Api');
  const { url, folder } = await run();
  await get(`${url}/x`);
  await expect
    .poll(() =>
      readFileSync(join(folder, 'logs', 'Api.log'), 'utf8')
        .split('\n')
        .sort(),
    )
    .toEqual(['', 'plain', '{"level":"INFO","message":"é"}'].sort());
});

test('a response of more than 6 MB is an error', async ({ tiny, run }) => {
  tiny.function('Api', `return 'x'.repeat(6 * 1024 * 1024);`).route('GET /x', 'Api');
  const { url } = await run();
  expect((await get(`${url}/x`)).status).toBe(500);
});

const callOf = (action: string) => `
  const http = (await import('node:http')).default;
  const { port } = new URL(process.env.AWS_ENDPOINT_URL);
  const agent = new http.Agent({ keepAlive: true });
  const headers = {
    'X-Amz-Target': 'AmazonSQS.${action}',
    'x-amz-security-token': process.env.AWS_SESSION_TOKEN,
    authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260101/us-east-1/sqs/aws4_request',
  };
  const call = (host, text) => new Promise((resolve) => {
    const request = http.request({ method: 'POST', host, port, path: '/', headers, agent }, (response) => {
      let body = '';
      response.on('data', (part) => (body += part)).on('end', () =>
        resolve({ status: response.statusCode, date: response.headers.date, sockets: agent.totalSocketCount, body: JSON.parse(body) }),
      );
    });
    request.on('error', ({ code, message }) => resolve({ code, message }));
    request.end(text);
  });`;

test('a request to the edge uses no socket, but is admitted, authorized, metered and answered as if it did', async ({
  tiny,
  run,
}) => {
  tiny
    .function('Api', `${callOf('ListQueues')} return [await call('127.0.0.1', '{}'), await call('localhost', '{}')];`)
    .function(
      'Other',
      `${callOf('ListQueues')} headers['x-amz-security-token'] = 'another'; return call('127.0.0.1', '{}');`,
    )
    .function('Closed', `${callOf('ListQueues')} return call('127.0.0.1', '{}');`, {}, [])
    .route('GET /x', 'Api')
    .route('GET /other', 'Other')
    .route('GET /closed', 'Closed');
  const muster = await run({ now: Date.UTC(2031, 0, 1) });
  const { body } = (await get(`${muster.url}/x`)) as { body: object[] };
  const date = expect.stringContaining('01 Jan 2031') as string;
  // Under this other name it is not the function's edge, so the request goes over the network and is refused there.
  expect(body).toMatchObject([
    { status: 200, date, sockets: 0 },
    { status: 403, date, sockets: 1, body: { __type: expect.stringContaining('AccessDenied') as string } },
  ]);
  expect(muster.meter.snapshot().total({ caller: 'Api' }).calls).toBe(1);
  expect((await get(`${muster.url}/other`)).body).toMatchObject({ status: 400, sockets: 0 });
  expect((await get(`${muster.url}/closed`)).body).toMatchObject({ status: 403, sockets: 0 });
});

test('a function whose connection to the edge is cut sees the same error as with a socket', async ({ tiny, run }) => {
  tiny.function('Api', `${callOf('ListQueues')} return call('127.0.0.1', '{}');`).route('GET /x', 'Api');
  const { url, edge } = await run();
  const restore = edge.intercept(async (_, next) => {
    await next();
    return undefined;
  });
  expect((await get(`${url}/x`)).body).toEqual({ code: 'ECONNRESET', message: 'socket hang up' });
  restore();
  expect((await get(`${url}/x`)).body).toMatchObject({ status: 200 });
});

test('a request that the edge does not answer in time fails as with a socket', async ({ tiny, run }) => {
  tiny
    .function(
      'Api',
      `${callOf('ListQueues')}
       const timeouts = [];
       const callWithin = (ms) => new Promise((resolve) => {
         const request = http.request({ method: 'POST', host: '127.0.0.1', port, path: '/', headers, agent }, () => resolve('answer'));
         request.socket.setTimeout(ms, () => resolve(timeouts.push(ms)));
         request.end('{}');
       });
       const outcomes = [await callWithin(10), await callWithin(2_000)];
       await new Promise((resolve) => setTimeout(resolve, 2_100));
       return { outcomes, timeouts };`,
    )
    .route('GET /x', 'Api');
  const { url, edge } = await run();
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  let calls = 0;
  edge.intercept(async (_, next) => {
    if ((calls += 1) === 1) await held;
    return next();
  });
  expect((await get(`${url}/x`)).body).toEqual({ outcomes: [1, 'answer'], timeouts: [10] });
  answer();
});

test('a request to the edge can be written in parts, and its response read through a pipe', async ({ tiny, run }) => {
  tiny
    .function(
      'Api',
      `const { PassThrough } = await import('node:stream');
       const { text } = await import('node:stream/consumers');
       ${callOf('ListQueues')}
       const response = await new Promise((resolve, reject) => {
         const request = http.request({ method: 'POST', host: '127.0.0.1', port, path: '/', headers, agent }, resolve);
         request.on('error', reject);
         request.write('{"QueueName');
         request.write(Buffer.from('Prefix":"é'));
         request.write('w6k=', 'base64');
         request.end('é"}');
       });
       return { sockets: agent.totalSocketCount, body: JSON.parse(await text(response.pipe(new PassThrough()))) };`,
    )
    .route('GET /x', 'Api');
  const { url, edge } = await run();
  edge.intercept(({ body }) =>
    Promise.resolve({ status: 200, headers: {}, body: JSON.stringify({ ...body, said: 'é' }) }),
  );
  expect((await get(`${url}/x`)).body).toEqual({ sockets: 0, body: { QueueNamePrefix: 'ééé', said: 'é' } });
});
