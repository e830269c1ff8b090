import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { report } from '#clients/cli/failure.ts';
import { requireOwn } from '#clients/cli/own-file.ts';
import { details } from '#clients/cli/views/details.ts';
import { MusterError } from '#clients/sdk/index.ts';
import { command, runCli, temporaryFolder } from '../support/cli.ts';

/** Nothing listens there. */
const nowhere = 'http://127.0.0.1:9';

test('it runs with npx', () => {
  const npx = spawnSync('npx', ['--no', '--', 'muster', '--help'], { encoding: 'utf8', timeout: 60_000 });
  expect(npx).toMatchObject({ status: 0 });
  expect(npx.stdout).toContain('Exit codes:');
});

test('it prints its version, as in package.json', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('the help of a command lists the fields of its operation, with choices and defaults', async () => {
  const { code, stdout } = await runCli(['task', 'create', '--help']);
  expect(code).toBe(0);
  const text = stdout.replaceAll(/\s+/g, ' ');
  expect(text).toContain('--requirements <a,b> Capabilities that an agent needs, all of them');
  expect(text).toContain('(choices: "low", "medium", "high", "critical", default: "medium")');
  expect(text).toContain('read the result later with `task get`');
});

test('the help says what is required and what a flag does, and omits paging for lists read to the end', async () => {
  const helpOf = async (...command: string[]) => (await runCli([...command, '--help'])).stdout.replaceAll(/\s+/g, ' ');
  expect(await helpOf('task', 'create')).toContain('--content <text> The work to do (required)');
  expect(await helpOf('agent', 'claim')).toContain('--no-start assign the tasks without starting them');
  expect(await helpOf('task', 'list')).not.toContain('next_cursor');
});

test('an unknown set of MCP tools is refused at the start', async () => {
  const env = { MUSTER_URL: nowhere, MUSTER_KEY: 'mst_a_b' };
  const { code, stdout, stderr } = await runCli(['mcp', '--tools', 'bogus'], { env });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Allowed choices are seed, worker, producer.');
});

test('each sentence has its own line, names share one, and numbers are rounded', () => {
  const shown = details({ reasons: ['No agent. Start one.', 'Too slow.'], names: ['a', 'b'], rate: 2 / 3 });
  expect(shown).toBe('reasons\n  No agent. Start one.\n  Too slow.\nnames    a, b\nrate     0.667');
});

test('without a Muster, it says where it looked and what to do', async () => {
  const { code, stdout, stderr } = await runCli(['stats']);
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toMatch(
    /^No Muster found: no local\.json in \.muster of .*\nStart one here: npx @musterhq\/dev \(in a checkout of Muster: npm start\)\n/,
  );
  expect(stderr).toContain('muster profile add');
});

test('a Muster that does not respond is reported with the source of its address', async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, '.muster'));
  writeFileSync(join(cwd, '.muster', 'local.json'), JSON.stringify({ url: nowhere, keys: { admin: 'mst_a_b' } }), {
    mode: 0o600,
  });
  const { code, stderr } = await runCli(['stats'], { cwd });
  expect(code).toBe(3);
  expect(stderr).toContain(`${nowhere} did not respond`);
  expect(stderr).toContain('local.json; if Muster is not running, start it there: npx @musterhq/dev');
});

// Windows has no such owners and modes.
test.skipIf(process.platform === 'win32')('a local.json that others could have written is not trusted', async () => {
  const cwd = temporaryFolder();
  const file = join(cwd, '.muster', 'local.json');
  mkdirSync(join(cwd, '.muster'));
  writeFileSync(file, JSON.stringify({ url: nowhere, keys: { admin: 'mst_a_b' } }));
  for (const mode of [0o644, 0o620, 0o602]) {
    chmodSync(file, mode);
    const { code, stderr } = await runCli(['stats'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      new RegExp(`local.json is open to other users \\(mode ${mode.toString(8)}\\): .*\nIf it is yours, `),
    );
  }
});

test("another user's local.json is not trusted, even by root", () => {
  const me = 1000;
  expect(() => requireOwn('local.json', { uid: me, mode: 0o100600 }, me)).not.toThrow();
  expect(() => requireOwn('local.json', { uid: 1001, mode: 0o100600 }, me)).toThrow(
    'local.json belongs to another user (uid 1001), who could read what you send.',
  );
  expect(() => requireOwn('local.json', { uid: me, mode: 0o100600 }, 0)).toThrow('belongs to another user');
});

test('profiles are stored privately and listed without secrets', async () => {
  const cwd = temporaryFolder();
  const added = await runCli(['profile', 'add', 'dev', '--url', nowhere, '--key', 'mst_abc_secret'], { cwd });
  expect(added.code).toBe(0);
  expect(statSync(join(cwd, 'muster', 'profiles.json')).mode & 0o777).toBe(0o600);

  const listed = await runCli(['profile', 'list', '--json'], { cwd });
  expect(JSON.parse(listed.stdout)).toEqual({ name: 'dev', url: nowhere, key_id: 'abc' });

  const unknown = await runCli(['stats', '--profile', 'prod'], { cwd });
  expect(unknown).toMatchObject({ code: 2, stderr: 'Profile prod not found.\nKnown profiles: dev.\n' });
});

test.for([
  { args: ['task', 'create'], says: "required option '--content <text>' not specified" },
  { args: ['task', 'list', '--status', 'done'], says: 'Allowed choices are waiting, pending' },
  { args: ['task', 'create', '--content', 'x', '--metadata', '{a}'], says: 'metadata is not valid JSON: {a}' },
  {
    args: ['task', 'create', '--content', 'x', '--max-attempts', 'many'],
    says: 'max_attempts must be a number, not "many".',
  },
  { args: ['task', 'cancel'], says: 'Give either a task id or a filter' },
  { args: ['task', 'cancel', '--status', 'pending'], says: 'Use --yes to change the tasks, or --dry-run' },
  { args: ['task', 'cancel', 'a', '--dry-run'], says: '--dry-run requires a filter' },
  { args: ['graph', 'submit', '-f', 'missing.yaml'], says: 'missing.yaml does not exist.' },
])('wrong usage exits with 2: $args', async ({ args, says }) => {
  const { code, stdout, stderr } = await runCli(args, { env: { MUSTER_URL: nowhere, MUSTER_KEY: 'mst_a_b' } });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(says);
});

test.for([
  { args: ['task', 'create'], says: "required option '--content <text>' not specified" },
  { args: ['task'], says: 'A command is missing.' },
  { args: ['task', 'cancle'], says: 'Did you mean cancel?' },
  { args: ['task', 'retry', 'a', '--status', 'failed'], says: 'Give either a task id or a filter' },
])('with --json, wrong usage is reported as JSON: $args', async ({ args, says }) => {
  const env = { MUSTER_URL: nowhere, MUSTER_KEY: 'mst_a_b' };
  const { code, stdout, stderr } = await runCli([...args, '--json'], { env });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(JSON.parse(stderr)).toEqual({
    detail: expect.stringContaining(says) as string,
    hint: 'Use --help for usage.',
  });
});

test('without a command, it prints the help', async () => {
  const { code, stdout, stderr } = await runCli(['task']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^Usage: muster task .*\nA command is missing\.\nUse --help for usage\.\n$/s);
});

test('a YAML file that cannot be parsed is refused with the line number', async () => {
  const env = { MUSTER_URL: nowhere, MUSTER_KEY: 'mst_a_b' };
  const { code, stderr } = await runCli(['graph', 'submit', '-f', '-'], { env, input: 'tasks: [\n' });
  expect(code).toBe(2);
  expect(stderr).toContain('at line 1, column 9');
});

// util-linux and BSD have different programs of this name.
test.skipIf(process.platform !== 'linux')('a terminal gets colors, unless NO_COLOR is set', async () => {
  const cwd = temporaryFolder();
  await runCli(['profile', 'add', 'dev', '--url', nowhere, '--key', 'mst_abc_secret'], { cwd });
  const onTerminal = (env: Record<string, string>) => {
    const { NO_COLOR: _no, FORCE_COLOR: _force, CI: _ci, ...inherited } = process.env;
    return spawnSync('script', ['-qec', `${process.execPath} ${command} profile list`, '/dev/null'], {
      env: { ...inherited, XDG_CONFIG_HOME: cwd, TERM: 'xterm-256color', ...env },
      encoding: 'utf8',
      timeout: 60_000,
    }).stdout;
  };
  const bold = '\u001B[1m';
  expect(onTerminal({})).toContain(`${bold}PROFILE`);
  expect(onTerminal({ NO_COLOR: '1' })).toMatch(/^PROFILE/);
});

test('a result that is broken JSON or would change is refused; a plain word is text', async () => {
  const env = { MUSTER_URL: nowhere, MUSTER_KEY: 'mst_a_b' };
  const complete = (result: string) => runCli(['task', 'complete', 'task', '--result', result], { env });
  expect(await complete('{"a": 1')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('not valid JSON') as string,
  });
  expect(await complete('{"row": 1970670598291982291}')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('result/row cannot be kept as a number') as string,
  });
  expect(await complete('caf\uFFFD')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('not valid UTF-8') as string,
  });
  expect(await complete('done')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('did not respond') as string,
  });
});

test('several errors are listed, each once', () => {
  const error = new MusterError({
    operation: 'create_task',
    code: 'invalid_input',
    detail: '/a: is missing. (At least 2 more errors are not listed.)',
    hint: 'Fix it.',
    errors: ['/a', '/b'].map((pointer) => ({ pointer, message: 'is missing' })),
  });
  expect(errorsOf(() => report(error, false))).toBe(
    'invalid_input: 2 errors. (At least 2 more errors are not listed.)\n  /a: is missing\n  /b: is missing\nFix it.',
  );
});

test('an unexpected error is reported without its stack', () => {
  let code: number | undefined;
  const said = errorsOf(() => {
    code = report(new TypeError('boom'), false);
  });
  expect(code).toBe(1);
  expect(said).toMatch(/^Unexpected error: boom\nThis is a bug in muster: .*$/);
});

test.each([
  [{ MUSTER_URL: 'foo:bar', MUSTER_KEY: 'mst_a_b' }, 'MUSTER_URL is not a valid address'],
  [{ MUSTER_URL: nowhere, MUSTER_KEY: 'mst_a_b\r' }, 'MUSTER_KEY has characters that no API key has'],
])('invalid settings are reported: %j', async (env, says) => {
  const { code, stderr } = await runCli(['stats'], { env });
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(says) as string });
});

/** What is printed to stderr during a call. */
function errorsOf(run: () => unknown): string {
  const printed = vi.spyOn(console, 'error').mockReturnValue();
  onTestFinished(() => printed.mockRestore());
  run();
  return printed.mock.calls.flat().join('\n');
}
