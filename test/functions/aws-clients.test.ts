import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, expect, test } from 'vitest';
import { awsClient, withoutRetries } from '#shared/adapters/aws-clients.ts';
import { isUnavailable } from '#shared/adapters/aws-errors.ts';
import { Table } from '#shared/adapters/table.ts';
import { SqsWakeUps } from '#shared/adapters/wake-ups.ts';
import { clientOf, dynamoDbAt } from '../support/dynamodb.ts';

const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  for (const clean of cleanups) await clean();
});

/** @returns its address, and the connections made to it */
async function listening(server: Server) {
  const sockets: Socket[] = [];
  server.on('connection', (socket) => {
    // A client that gives up may reset the connection.
    socket.on('error', () => undefined);
    sockets.push(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

/** An address at which no connection succeeds: its queue is full, and nothing accepts from it. */
async function unreachable(): Promise<string> {
  const source = `
    const { parentPort } = require('node:worker_threads');
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const worker = new Worker(source, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const waiting = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  cleanups.push(async () => {
    for (const socket of waiting) socket.destroy();
    await worker.terminate();
  });
  return `http://127.0.0.1:${port}`;
}

const sqsAt = (url: string) =>
  class extends SQSClient {
    constructor(settings: object) {
      super({ ...clientOf({ url, token: '' }), ...settings });
    }
  };

async function readItem(url: string, withinMs?: number): Promise<unknown> {
  const client = awsClient(dynamoDbAt({ url, token: '' }), withinMs);
  cleanups.push(() => client.destroy());
  return new Table(client, 'tasks').get({ pk: 'T#1', sk: 'T' });
}

async function sendWakeUp(url: string, withinMs: number): Promise<void> {
  const client = awsClient(sqsAt(url), withinMs);
  cleanups.push(() => client.destroy());
  return new SqsWakeUps(`${url}/queue`, client).send([{ wakeUp: { task_id: 'task-1' } }]);
}

/** The outcome of a call, and after how many seconds. */
async function outcomeOf(call: Promise<unknown>): Promise<{ outcome: unknown; seconds: number }> {
  const start = performance.now();
  const outcome = await call.then(
    () => 'answered',
    (error: unknown) => (isUnavailable(error) ? 'unavailable' : error),
  );
  return { outcome, seconds: (performance.now() - start) / 1000 };
}

test.concurrent(
  'a service that accepts a call and never responds is unavailable after three attempts of 3 s',
  async () => {
    const { url, sockets } = await listening(createServer());
    const { outcome, seconds } = await outcomeOf(readItem(url));
    expect(outcome).toBe('unavailable');
    expect(sockets.length).toBe(3);
    expect(seconds).toBeGreaterThan(8.9);
    expect(seconds).toBeLessThan(18);
  },
);

test.concurrent('an address that accepts no connections is unavailable after three attempts of 1 s', async () => {
  const { outcome, seconds } = await outcomeOf(readItem(await unreachable()));
  expect(outcome).toBe('unavailable');
  expect(seconds).toBeGreaterThan(2.9);
  expect(seconds).toBeLessThan(9);
});

test.concurrent('a response that stops in the middle counts as no response', async () => {
  const half = createServer((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"Item":'));
  const { url, sockets } = await listening(half);
  const { outcome, seconds } = await outcomeOf(readItem(url, 300));
  expect(outcome).toBe('unavailable');
  expect(sockets.length).toBe(3);
  expect(seconds).toBeLessThan(9);
});

test.concurrent('the clients of other services have the same limits', async () => {
  const { url, sockets } = await listening(createServer());
  const { outcome, seconds } = await outcomeOf(sendWakeUp(url, 300));
  expect(outcome).toBe('unavailable');
  expect(sockets.length).toBe(3);
  expect(seconds).toBeLessThan(9);
});

test('the SDK copies no calls for a log that is not kept', () => {
  const { logger } = awsClient(SQSClient).config;
  expect(['info' in logger, 'error' in logger]).toEqual([false, false]);
  const client = awsClient(DynamoDBClient);
  expect(withoutRetries(client).config.logger).toBe(client.config.logger);
});
