import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { start } from '#local/start.ts';
import { runScript, startCommand } from '../support/command.ts';

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-main-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function call<Body>(
  { url, keys }: { url: string; keys: { admin: string } },
  method: string,
  path: string,
  body?: object,
) {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${keys.admin}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Body;
}

/** The process of a data folder's engine is recorded in the folder. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('when ready, it says so on the terminal and in a private file', async () => {
  const data = dataFolder();
  const muster = await startCommand(data);
  expect(statSync(join(data, 'local.json')).mode & 0o777).toBe(0o600);
  await expect.poll(muster.output).toContain(`Muster is ready at ${muster.url}`);
  for (const key of Object.values(muster.keys)) expect(muster.output()).toContain(key);

  const [, link = '', dashboardKey = ''] = /signed in for 12 hours: (http\S+\/#key=(\S+))/.exec(muster.output()) ?? [];
  expect(await (await fetch(link)).text()).toContain('<title>Muster</title>');
  const { keys } = await call<{ keys: Record<string, string>[] }>(muster, 'GET', '/v1/keys');
  const {
    role,
    created_at = '',
    expires_at = '',
  } = keys.find(({ key_id = '-' }) => dashboardKey.includes(key_id)) ?? {};
  expect({ role, lasts: Date.parse(expires_at) - Date.parse(created_at) }).toEqual({
    role: 'admin',
    lasts: 12 * 3_600_000,
  });

  const lines = muster.output().split('\n');
  expect(lines[0]).toBe('Starting Muster ...');
  expect(lines.filter((line) => line.startsWith('  curl '))).toHaveLength(3);
});

test('MUSTER_CORS_ORIGINS allows pages of these origins, and wrong ones are named', async () => {
  const muster = await startCommand(dataFolder(), { MUSTER_CORS_ORIGINS: 'http://localhost:5173,https://a.example' });
  const allowed = async (origin: string) => {
    const headers = { origin, 'access-control-request-method': 'POST' };
    const response = await fetch(`${muster.url}/v1/tasks`, { method: 'OPTIONS', headers });
    return response.headers.get('access-control-allow-origin');
  };
  const origins = ['http://localhost:5173', 'https://a.example', 'https://b.example'];
  expect(await Promise.all(origins.map(allowed))).toEqual([...origins.slice(0, 2), null]);

  const refused = runScript('local/main.ts', {
    MUSTER_DATA: dataFolder(),
    PORT: '0',
    MUSTER_CORS_ORIGINS: 'localhost',
  });
  expect(await refused.ended()).toBe(1);
  expect(refused.errors()).toContain('"localhost"');
});

test.for(['SIGINT', 'SIGTERM'] as const)('%s stops it cleanly', async (signal) => {
  const data = dataFolder();
  const muster = await startCommand(data);
  muster.kill(signal);
  expect(await muster.ended()).toBe(0);
  expect(existsSync(join(data, 'local.json'))).toBe(false);
});

test("the keys and tasks of a data folder survive a stop, the dashboard's key does not", async () => {
  const data = dataFolder();
  const before = await startCommand(data);
  await expect.poll(before.output).toMatch(/signed in for 12 hours: \S+\n/);
  const { task_id } = await call<{ task_id: string }>(before, 'POST', '/v1/tasks', { content: 'x', routing: 'manual' });
  before.kill('SIGTERM');
  await before.ended();
  // Revoked by the stop; the next start would do so too.
  expect(existsSync(join(data, 'sign-in-key.json'))).toBe(false);
  const after = await startCommand(data);
  expect(after.keys).toEqual(before.keys);
  expect(await call(after, 'GET', `/v1/tasks/${task_id}`)).toMatchObject({ content: 'x', status: 'pending' });
  const [, admin = ''] = /#key=(\S+)/.exec(before.output()) ?? [];
  expect(await call({ url: after.url, keys: { admin } }, 'GET', '/v1/caller')).toMatchObject({ code: 'revoked_key' });
});

test('a stored key that no longer works is replaced, not printed', async () => {
  const data = dataFolder();
  const before = await start({ data, quiet: true, schedules: false });
  const { admin, producer, viewer } = before.keys;
  const [, revoked = ''] = viewer.split('_');
  expect(await call(before, 'DELETE', `/v1/keys/${revoked}`)).toMatchObject({ key_id: revoked });
  await before.stop();
  // Like a key from another data folder, stored in its table.
  const foreign = producer.replace(/^mst_.{12}/, 'mst_000000000000');
  writeFileSync(join(data, 'keys.json'), JSON.stringify({ admin, producer: foreign, viewer }));

  const after = await start({ data, quiet: true, schedules: false });
  onTestFinished(() => after.stop());
  expect(after.keys.admin).toBe(admin);
  expect(after.keyNotes).toEqual([
    'The stored producer key does not belong to this data; a new one was created.',
    'The stored viewer key was revoked; a new one was created.',
  ]);
  expect(JSON.parse(readFileSync(join(data, 'keys.json'), 'utf8'))).toEqual(after.keys);
  for (const key of Object.values(after.keys)) {
    const { status } = await fetch(`${after.url}/v1/stats/queue`, { headers: { authorization: `Bearer ${key}` } });
    expect(status).toBe(200);
  }
});

test('after a kill, no accepted task is lost or stuck, and no engine or dashboard key is left', async () => {
  const data = dataFolder();
  const before = await startCommand(data);
  await expect.poll(before.output).toMatch(/signed in for 12 hours: \S+\n/);
  await call(before, 'POST', '/v1/agents', { agent_id: 'worker', capabilities: ['x'], max_concurrent_tasks: 100 });
  const accepted: string[] = [];
  const createOne = async () => {
    const task = await call<{ task_id: string }>(before, 'POST', '/v1/tasks', { content: 'x', requirements: ['x'] });
    accepted.push(task.task_id);
  };
  const creating = Promise.allSettled(Array.from({ length: 40 }, createOne));
  // In the middle of the work: some are answered, some are being routed, some are in transit.
  await expect.poll(() => accepted.length).toBeGreaterThanOrEqual(10);
  before.kill('SIGKILL');
  await before.ended();
  await creating;
  const engine = JSON.parse(readFileSync(join(data, 'dynamodb', 'engine.json'), 'utf8')) as { pid: number };
  await expect.poll(() => isAlive(engine.pid)).toBe(false);

  // Later, when the sweep treats unmoved tasks as having lost their wake-up, but before any assignment has expired.
  const after = await start({ data, quiet: true, schedules: false, now: Date.now() + 90_000 });
  onTestFinished(() => after.stop());
  const [, admin = ''] = /#key=(\S+)/.exec(before.output()) ?? [];
  expect(await call({ url: after.url, keys: { admin } }, 'GET', '/v1/caller')).toMatchObject({ code: 'revoked_key' });
  const statusOf = async (id: string) => (await call<{ status: string }>(after, 'GET', `/v1/tasks/${id}`)).status;
  const statusesAfterSweep = async () => {
    await after.fire('sweep');
    await after.settled();
    return new Set(await Promise.all(accepted.map(statusOf)));
  };
  await expect.poll(statusesAfterSweep).toEqual(new Set(['assigned']));
});

test('it says what is wrong and what to do', async () => {
  const data = dataFolder();
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as AddressInfo;
  const failure = async (environment: Record<string, string>) => {
    const script = runScript('local/main.ts', { MUSTER_DATA: data, PORT: '0', ...environment });
    expect(await script.ended()).toBe(1);
    return script.errors().trim();
  };

  expect(await failure({ PORT: 'http' })).toBe('PORT is "http". Set it to a number from 0 (any free port) to 65535.');
  expect(await failure({ PORT: String(port) })).toBe(
    `Port ${port} is in use. Stop the process that uses it, or choose another port: PORT=${port + 1} npm start`,
  );
  expect(await failure({ MUSTER_DYNAMODB: 'mysql' })).toMatch(/^MUSTER_DYNAMODB is "mysql"\. Set it to/);

  const running = await startCommand(data);
  expect(await failure({})).toMatch(new RegExp(`^The data folder ${data} is in use by process ${running.pid}\\.`));
  running.kill('SIGTERM');
  await running.ended();
  writeFileSync(join(data, 'version'), '0\n');
  expect(await failure({})).toMatch(/was created by a different version of Muster/);
});
