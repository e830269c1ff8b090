/** The command line as users install it: one file, on each Node.js version, in an empty folder. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe } from 'vitest';
import { strayFiles } from '#scripts/packages/pack.ts';
import { recipes } from '#scripts/packages.ts';
import { expect, test } from '../support/muster.ts';
import { within } from '../support/patience.ts';
import { installed } from './install.ts';
import { missing, node20, node22, node24, type Runtime } from './runtimes.ts';

let package_: Awaited<ReturnType<typeof installed>>;
beforeAll(async () => {
  package_ = await installed('cli');
});

/** Runs the package's command in its folder. */
async function muster(node: Runtime, args: readonly string[], env: Record<string, string> = {}, input = '') {
  const child = spawn(node.program, [path.join(package_.folder, 'node_modules/.bin/muster'), ...args], {
    cwd: package_.folder,
    env: { PATH: process.env['PATH'], XDG_CONFIG_HOME: package_.folder, ...env },
  });
  child.stdin.end(input);
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const [stdout, stderr] = await within(ended, () => `the end of muster ${args.join(' ')}`);
  return { code: child.exitCode, stdout, stderr };
}

describe.for([node20, node22, node24])('on $name', (node) => {
  const why = missing(node);
  test.skipIf(why !== undefined)('creates, lists and cancels tasks', async ({ muster: target }) => {
    const env = { MUSTER_URL: target.url, MUSTER_KEY: target.keys.admin };
    const kind = target.name(node.name.replace(' ', '-'));
    const create = (content: string) =>
      muster(node, ['task', 'create', '--content', content, '--task-type', kind], env);
    const [created] = await Promise.all([create('one'), create('two')]);
    expect(created).toMatchObject({ code: 0, stderr: '' });
    expect(created.stdout).toMatch(/^TASK +STATUS/);

    const filter = ['--task-type', kind];
    const cancelled = await muster(node, ['task', 'cancel', ...filter, '--yes'], env);
    expect(cancelled).toEqual({ code: 0, stdout: '2 tasks cancelled.\n', stderr: '' });
    // Refused tasks are grouped by reason, and a table outside a terminal has no colors.
    const again = await muster(node, ['task', 'list', ...filter, '--status', 'cancelled', '--limit', '5'], env);
    expect(again.stdout.split('\n')).toHaveLength(4);
    expect(again.stdout).not.toContain('\u001B');
  });

  test.skipIf(why !== undefined)('serves MCP over stdio', async ({ muster: { url, keys } }) => {
    const messages = [
      { jsonrpc: '2.0', id: 1, method: 'ping' },
      { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'orchestration_get_caller', arguments: {} } },
    ];
    const input = messages.map((message) => `${JSON.stringify(message)}\n`).join('');
    const { code, stdout } = await muster(node, ['mcp'], { MUSTER_URL: url, MUSTER_KEY: keys.admin }, input);
    expect(code).toBe(0);
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number; result?: object });
    expect(answers.find(({ id }) => id === 1)?.result).toEqual({});
    expect(answers.find(({ id }) => id === 2)?.result).toMatchObject({ structuredContent: { role: 'admin' } });
  });

  test.skipIf(why !== undefined)('says what to do without a Muster or a key', async () => {
    const nothing = await muster(node, ['health']);
    expect(nothing.code).toBe(3);
    expect(nothing.stderr).toContain('Start one here: npx @musterhq/dev');
    expect(nothing.stderr).toContain('muster profile add NAME --url URL --key KEY');
    const noKey = await muster(node, ['health'], { MUSTER_URL: 'http://127.0.0.1:9' });
    expect(noKey).toMatchObject({ code: 2, stdout: '' });
    expect(noKey.stderr).toContain('MUSTER_KEY is not');
  });
});

test('it finds the Muster whose address and key are in the folder', async ({ muster: { url, keys } }) => {
  mkdirSync(path.join(package_.folder, '.muster'));
  const file = path.join(package_.folder, '.muster/local.json');
  writeFileSync(file, JSON.stringify({ url, keys }), { mode: 0o600 });
  expect(await muster(node24, ['key', 'list', '--json', '--limit', '1'])).toMatchObject({ code: 0 });
});

test('it is one file of at most 400 KB, without dependencies, with the licenses of what it contains', () => {
  const { files, home, manifest } = package_;
  expect(manifest).not.toHaveProperty('dependencies');
  expect(strayFiles(home, files, recipes.cli.files)).toEqual([]);
  const sizes = Object.fromEntries(files.map((file) => [file.path, file.size]));
  expect(Object.keys(sizes).sort()).toEqual(['LICENSE', 'README.md', 'THIRD-PARTY.md', 'muster.js', 'package.json']);
  expect(sizes['muster.js']).toBeLessThan(400 * 1024);
});
