import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import { instanceTools } from '#clients/cli/bridge/instances.ts';
import { runStdioBridge, type BridgeOptions } from '#clients/cli/bridge/stdio.ts';
import { operations } from '#shared/contract/operations.ts';
import { lastingPort } from '../support/lasting-port.ts';
import { bridgeProcess } from '../support/mcp.ts';
import { expect, test } from '../support/muster.ts';
import { within } from '../support/patience.ts';

interface Line {
  id?: unknown;
  result?: { isError?: boolean; content?: { text: string }[]; [field: string]: unknown };
  error?: { code: number; message: string };
}

/** A bridge in this process, with pipes for its stdin and stdout. */
function startBridge(target: Omit<BridgeOptions, 'stdin' | 'stdout'>) {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const lines: Line[] = [];
  stdout.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n').filter(Boolean)) lines.push(JSON.parse(line) as Line);
  });
  const ended = runStdioBridge({ ...target, stdin, stdout });
  onTestFinished(async () => {
    stdin.end();
    await ended;
  });
  return {
    lines,
    send: (message: unknown) => stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`),
    sendBytes: (bytes: Buffer) => stdin.write(bytes),
    /** The response to the request with this id. */
    answer: (id: unknown) => expect.poll(() => lines.find((line) => line.id === id)),
    end: async () => {
      stdin.end();
      await ended;
    },
  };
}

const ping = (id: unknown) => ({ jsonrpc: '2.0', id, method: 'ping' });
const callOf = (id: unknown, name: string, input: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: input },
});

/** Starts a server at this port (0: any) until the end of the test. */
async function listen(port: number, answer: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(answer).listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => stop(server));
  return server;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const pong: Parameters<typeof createServer>[1] = (incoming, outgoing) => {
  incoming.resume().on('end', () => {
    outgoing.setHeader('content-type', 'application/json').end('{"jsonrpc":"2.0","id":1,"result":{}}');
  });
};

test('messages pass through, whatever their id', async ({ muster }) => {
  const bridge = startBridge({ url: muster.url, key: muster.keys.admin });
  bridge.send(ping('a'));
  bridge.send(ping(0));
  await bridge.answer('a').toMatchObject({ result: {} });
  await bridge.answer(0).toMatchObject({ result: {} });
});

test('calls in progress are answered after stdin has ended', async ({ muster }) => {
  const bridge = startBridge({ url: `${muster.url}/`, key: muster.keys.admin });
  bridge.send(callOf(1, 'orchestration_get_health'));
  await bridge.end();
  expect(bridge.lines).toMatchObject([{ id: 1, result: { structuredContent: { queue: {} } } }]);
});

test('an invalid message is refused and stops nothing', async ({ muster }) => {
  const bridge = startBridge({ url: muster.url, key: muster.keys.admin });
  for (const line of ['{', 'null', '5', '', '[]']) bridge.send(line);
  bridge.send(ping(1));
  await bridge.answer(1).toMatchObject({ result: {} });
  await expect.poll(() => bridge.lines.filter(({ id }) => id === null).map(({ error }) => error?.code)).toHaveLength(4);
});

test('a line that is not UTF-8 is refused, however it is split into chunks', async ({ muster }) => {
  const bridge = startBridge({ url: muster.url, key: muster.keys.admin });
  const text = Buffer.from(
    `${JSON.stringify(callOf(1, 'orchestration_create_task', { content: 'café', requirements: [muster.name('skill')] }))}\n`,
  );
  const cut = text.indexOf(0xc3) + 1;
  bridge.sendBytes(Buffer.from('{"jsonrpc":"2.0","id":2,"method":"caf\u00e9"}\n', 'latin1'));
  bridge.sendBytes(text.subarray(0, cut));
  await expect
    .poll(() => bridge.lines)
    .toMatchObject([{ id: null, error: { message: 'The line is not valid UTF-8.' } }]);
  bridge.sendBytes(text.subarray(cut));
  await bridge.answer(1).toMatchObject({ result: { structuredContent: { title: 'café' } } });
});

test('an error about the whole request has its id, so that it can be matched', async ({ muster }) => {
  const bridge = startBridge({ url: muster.url, key: muster.keys.admin });
  bridge.send({ ...ping(8), params: { padding: 'x'.repeat(1024 * 1024) } });
  await bridge
    .answer(8)
    .toMatchObject({ error: { message: expect.stringContaining('the maximum is 1048576') as string } });
});

test('a wrong key is reported as such', async ({ muster }) => {
  const bridge = startBridge({ url: muster.url, key: 'mst_000000000000_wrong' });
  bridge.send(ping(1));
  await bridge.answer(1).toMatchObject({ error: { message: expect.stringContaining('Check the API key') as string } });
});

test('an unreachable server is an error for the client and a result for the model', async () => {
  const gone = await listen(0, pong);
  const url = urlOf(gone);
  await stop(gone);
  const bridge = startBridge({ url, key: 'none', patienceMs: 0 });
  bridge.send(ping(1));
  bridge.send(callOf(2, 'orchestration_get_health'));
  const text = expect.stringContaining(`Cannot reach Muster at ${url}`) as string;
  await bridge.answer(1).toMatchObject({ error: { message: text } });
  await bridge.answer(2).toMatchObject({ result: { isError: true, content: [{ text }] } });
});

test('a restart of the server goes unnoticed', async () => {
  const port = await lastingPort();
  const first = await listen(port, pong);
  const bridge = startBridge({ url: urlOf(first), key: 'none' });
  bridge.send(ping(1));
  await bridge.answer(1).toBeDefined();
  await stop(first);
  bridge.lines.length = 0;
  bridge.send(ping(1));
  await listen(port, pong);
  await bridge.answer(1).toMatchObject({ result: {} });
});

test('a call whose response is lost is not retried, and the model learns of it', async () => {
  let calls = 0;
  const server = await listen(0, (incoming) => {
    calls += 1;
    incoming.resume().on('end', () => incoming.socket.destroy());
  });
  const bridge = startBridge({ url: urlOf(server), key: 'none' });
  bridge.send(callOf(1, 'orchestration_create_task', { content: 'x' }));
  const text = expect.stringContaining('may or may not have taken effect') as string;
  await bridge.answer(1).toMatchObject({ result: { isError: true, content: [{ text }] } });
  expect(calls).toBe(1);
});

test('a cancelled request is aborted and not answered', async () => {
  const server = await listen(0, () => undefined);
  const bridge = startBridge({ url: urlOf(server), key: 'none' });
  bridge.send(callOf(1, 'orchestration_claim_tasks'));
  const [{ socket }] = (await within(once(server, 'request'), () => 'the request')) as [IncomingMessage];
  const hungUp = once(socket, 'close');
  bridge.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  await within(hungUp, () => 'the end of the connection');
  await bridge.end();
  expect(bridge.lines).toEqual([]);
});

test('the command writes only messages to stdout, and ends when its client goes', async ({ muster }) => {
  const { command, args, env } = bridgeProcess({ url: muster.url, key: muster.keys.admin });
  const child = spawn(command, args, { env });
  onTestFinished(() => void child.kill());
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(`${JSON.stringify(ping(1))}\n`);
  const [code] = (await within(once(child, 'close'), () => `the end of the bridge after ${output}`)) as [number];
  expect({ code, output }).toEqual({ code: 0, output: '{"result":{},"jsonrpc":"2.0","id":1}\n' });
});

test('the command reports missing settings on stderr', async () => {
  const { command, args, env } = bridgeProcess({ url: '', key: '' });
  const child = spawn(command, args, { env: { ...env, MUSTER_DATA: '/nowhere' } });
  onTestFinished(() => void child.kill());
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await within(once(child, 'close'), () => `the end of the bridge after ${errors}`)) as [number];
  expect(code).not.toBe(0);
  expect(errors).toContain('No Muster found');
});

test('the command refuses an unknown set of tools at the start', async () => {
  const { command, args, env } = bridgeProcess({ url: 'http://127.0.0.1:9', key: 'mst_a_b', tools: 'bogus' });
  const child = spawn(command, args, { env });
  onTestFinished(() => void child.kill());
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await within(once(child, 'close'), () => `the end of the bridge after ${errors}`)) as [number];
  expect({ code, errors }).toMatchObject({
    code: 2,
    errors: expect.stringContaining('seed, worker, producer') as string,
  });
});

test('an agent registered by a bridge is run by that bridge alone, and the next bridge waits for it', async ({
  muster,
}) => {
  const [agent_id, skill] = muster.names('worker', 'skill');
  const target = { url: muster.url, key: muster.keys.admin };
  const task_id = await muster.create({ requirements: [skill] });
  const [first, refused] = [startBridge(target), startBridge({ ...target, inUsePatienceMs: 0 })];
  const register = callOf(1, 'orchestration_register_agent', { agent_id, capabilities: [skill] });
  first.send(register);
  await first.answer(1).toMatchObject({ result: { structuredContent: { agent_id, instance: {} } } });

  refused.send(register);
  await refused.answer(1).toMatchObject({ result: { isError: true, structuredContent: { code: 'agent_in_use' } } });
  refused.send(callOf(2, 'orchestration_claim_tasks', { agent_id }));
  await refused.answer(2).toMatchObject({ result: { isError: true, structuredContent: { code: 'agent_in_use' } } });

  first.send(callOf(2, 'orchestration_claim_tasks', { agent_id }));
  await first.answer(2).toMatchObject({ result: { structuredContent: { tasks: [{ task_id, attempt: 1 }] } } });
  const notes: string[] = [];
  const waiting = startBridge({ ...target, log: (text) => notes.push(text) });
  waiting.send(register);
  await expect.poll(() => notes.join()).toMatch(/^Waiting: .* is in use by instance \w+ on host/);
  first.send(callOf(3, 'orchestration_complete_task', { task_id, agent_id, attempt: 1, result: 'done' }));
  await first.answer(3).toMatchObject({ result: { structuredContent: { status: 'completed' } } });
  first.send(callOf(4, 'orchestration_drain_agent', { agent_id, until_registered: true }));
  await expect.poll(() => waiting.lines.length).toBe(1);
  expect(waiting.lines).toMatchObject([{ id: 1, result: { structuredContent: { agent_id, state: 'active' } } }]);
});

test('an early claim is delayed, unless its client has gone', async () => {
  const called: unknown[] = [];
  const server = await listen(0, (incoming, outgoing) => {
    void readAll(incoming).then((body) => {
      const { id, params } = JSON.parse(body) as ReturnType<typeof callOf>;
      called.push(params.name);
      const result = { structuredContent: { tasks: [], poll_after_ms: 60_000 } };
      outgoing.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
  });
  const bridge = startBridge({ url: urlOf(server), key: 'mst_key' });
  const claim = (id: number) => callOf(id, 'orchestration_claim_tasks', { agent_id: 'ada' });
  bridge.send(claim(1));
  await bridge.answer(1).toBeDefined();
  bridge.send(claim(2));
  bridge.send(callOf(3, 'orchestration_heartbeat_agent', { agent_id: 'ada' }));
  await bridge.answer(3).toBeDefined();
  expect(called).toEqual(['orchestration_claim_tasks', 'orchestration_heartbeat_agent']);

  await bridge.end();
  expect(bridge.lines.map(({ id }) => id)).toEqual([1, 3, 2]);
});

test('the bridge names itself to every tool that takes an instance', () => {
  const taking = operations.filter(({ input }) => input instanceof z.ZodObject && 'instance' in input.shape);
  expect([...instanceTools].sort()).toEqual(taking.map((row) => ('tool' in row ? row.tool : '')).sort());
});
