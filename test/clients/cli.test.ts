import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent } from '#shared/contract/nouns.ts';
import type { Task } from '#shared/contract/task.ts';
import { linesOf, runCli, startCli, temporaryFolder } from '../support/cli.ts';
import { expect, test } from '../support/muster-cli.ts';

test('create takes options of every kind, and content from stdin', async ({ cli, muster }) => {
  const skills = muster.names('python', 'web');
  const [build, lint] = await muster.create([{}, {}]);
  const options = [
    '--dependencies',
    `${build},${lint}=run_anyway`,
    '--requirements',
    skills.join(','),
    '--metadata',
    '{"a":1}',
    '--max-attempts',
    '5',
    '--priority',
    'high',
  ];
  const { code, stdout } = await cli.run(['task', 'create', '--content', '-', '--json', ...options], {
    input: 'Two\nlines\n',
  });

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    content: 'Two\nlines',
    requirements: skills,
    metadata: { a: 1 },
    dependencies: [build, lint],
    dependency_policies: { [lint]: 'run_anyway' },
    max_attempts: 5,
    priority: 'high',
    task_type: 'general',
  });
});

test('an agent can be registered, drained and resumed, and a list is a table with aligned columns', async ({
  cli,
  muster,
}) => {
  const [bot, skill] = muster.names('bot', 'skill');
  await cli.run(['agent', 'register', bot, '--capabilities', skill]);
  const drained = await cli.run(['agent', 'drain', bot, '--json']);
  const resumed = await cli.run(['agent', 'resume', bot, '--json']);
  const listed = await cli.run(['agent', 'list', '--requirements', skill]);

  expect(JSON.parse(drained.stdout)).toMatchObject({ agent_id: bot, state: 'draining' });
  expect(JSON.parse(resumed.stdout)).toMatchObject({ agent_id: bot, state: 'active' });
  const [titles = '', row = '', ...more] = listed.stdout.trimEnd().split('\n');
  expect(more).toEqual([]);
  expect(row.slice(titles.indexOf('STATUS'))).toMatch(/^healthy {2}0\/5 {3}100% {5}\d+s {3,4}/);
  expect(row.endsWith(skill)).toBe(true);
});

test('a list reads all pages, and prints one line of JSON per task', async ({ cli, muster }) => {
  const tasks = await muster.create([{ task_type: muster.name('kind') }, { task_type: muster.name('kind') }]);
  const filter = ['task', 'list', '--status', 'pending', '--task-type', muster.name('kind'), '--json'];
  const all = await cli.run([...filter, '--all']);
  const one = await cli.run([...filter, '--limit', '1']);

  expect(
    linesOf<Task>(all.stdout)
      .map((task) => task.task_id)
      .sort(),
  ).toEqual([...tasks].sort());
  expect(linesOf<Task>(one.stdout)).toHaveLength(1);
  expect(one.stderr).toContain('there may be more');
});

test('a list takes several statuses, separated by commas or repeated, and refuses unknown ones', async ({
  cli,
  muster,
}) => {
  const task_type = muster.name('statuses');
  const [pending, cancelled, ...others] = await muster.create([{ task_type }, { task_type }, { task_type }]);
  await muster.call('cancel_task', { task_id: cancelled });
  for (const task_id of others) await muster.finish(task_id);
  const filter = ['task', 'list', '--task-type', task_type, '--json'];

  for (const options of [
    ['--status', 'pending,cancelled'],
    ['--status', 'pending', '--status', 'cancelled'],
  ]) {
    const { stdout } = await cli.run([...filter, ...options]);
    expect(
      linesOf<Task>(stdout)
        .map((task) => task.task_id)
        .sort(),
    ).toEqual([pending, cancelled].sort());
  }
  const refused = await cli.run([...filter, '--status', 'pending,canceled']);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('Allowed choices are waiting, pending,')]);
});

test('a task can be assigned, started, completed and shown; control characters in its result do not reach the terminal', async ({
  cli,
  muster,
}) => {
  const task = await muster.create({});
  const agent = await muster.agent('agent');
  await cli.run(['task', 'assign', task, agent]);
  await cli.run(['task', 'start', task]);
  await cli.run(['task', 'complete', task, '--result', 'a \u001B[31mred text']);
  const { stdout } = await cli.run(['task', 'get', task]);

  expect(stdout).toMatch(/^status +completed$/m);
  expect(stdout).toMatch(/^result +a \\u001b\[31mred text$/m);
});

test('invisible characters are made visible for people, and escaped in JSON', async ({ cli, muster }) => {
  const hidden = '\u202Egpj\u200B';
  const shown = String.raw`\u202egpj\u200b`;
  const task_type = muster.name('hidden');
  const task = await muster.create({ task_type, title: `title ${hidden}`, metadata: { [hidden]: hidden } });
  await muster.start(task);
  await muster.call('fail_task', { task_id: task, error: `error ${hidden}`, should_retry: false });

  const outputs = await Promise.all(
    [
      ['task', 'list', '--task-type', task_type],
      ['task', 'get', task],
      ['task', 'watch', task],
    ].flatMap((args) => [args, [...args, '--json']].map((one) => cli.run(one))),
  );
  const refused = await cli.run(['task', 'create', '--content', 'x', '--requirements', `x${hidden}`]);
  for (const { stdout, stderr } of [...outputs, refused]) {
    expect(stdout + stderr).toContain(shown);
    expect(stdout + stderr).not.toMatch(/[\u202E\u200B]/);
  }
  expect(JSON.parse(outputs[3]?.stdout ?? '')).toMatchObject({
    title: `title ${hidden}`,
    metadata: { [hidden]: hidden },
  });
});

test('explain prints the sentence first', async ({ cli, muster }) => {
  const task = await muster.create({ requirements: [muster.name('nobody-has-it')] });
  const { code, stdout } = await cli.run(['task', 'explain', task]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^[A-Z][^\n]+\.\n\ntask_id /);
});

test('a refusal exits with 1, with detail and hint on stderr, or as JSON on request', async ({ cli }) => {
  const text = await cli.run(['task', 'cancel', 'nothing']);
  const json = await cli.run(['task', 'create', '--content', 'x', '--timeout-seconds', '0', '--json']);

  expect(text).toMatchObject({ code: 1, stdout: '' });
  expect(text.stderr).toMatch(/^task_not_found: Task nothing not found\.\nCheck the id/);
  expect(json).toMatchObject({ code: 1, stdout: '' });
  expect(JSON.parse(json.stderr)).toMatchObject({ code: 'invalid_input', errors: [{ pointer: '/timeout_seconds' }] });

  const inCommands = await cli.run(['agent', 'get', 'nobody']);
  expect(inCommands.stderr).toContain('Register it with `agent register`, or list agents with `agent list`.');
});

test('watching a task prints each change and exits with 0 when it completes, else with 4', async ({ cli, muster }) => {
  const [good, bad] = await muster.create([{}, {}]);
  const watch = startCli(['task', 'watch', good, '--json'], { env: cli.env });
  await watch.began();
  await muster.finish(good);
  const watched = await watch.ended();
  await muster.fail(bad);
  const failed = await cli.run(['task', 'watch', bad]);

  expect(watched.code).toBe(0);
  const statuses = linesOf<Task>(watched.stdout).map(({ status }) => status);
  expect([statuses[0], statuses.at(-1)]).toEqual(['pending', 'completed']);
  expect(failed.code).toBe(4);
  expect(failed.stdout).toMatch(/ failed .* failed by the test\n$/);
});

/** Makes this Node.js look too old for the command, which then starts the Node 24 that npm ci installed. */
const old =
  "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.0.0'}})";

const isInstalled = existsSync('node_modules/.bin/node');

test.for([
  ['this Node.js', []],
  ...(isInstalled ? [['the installed Node.js', ['--import', old]] as const] : []),
] as const)('on %s, SIGINT ends a watch, and so do SIGTERM and SIGHUP', async ([, nodeOptions], { cli, muster }) => {
  const task = await muster.create({});
  const watch = async (signal: NodeJS.Signals) => {
    const watching = startCli(['task', 'watch', task], { env: cli.env, nodeOptions });
    await watching.began();
    watching.child.kill(signal);
    const { code, stderr } = await watching.ended();
    return [code, watching.child.signalCode, stderr];
  };
  expect(await Promise.all([watch('SIGINT'), watch('SIGTERM'), watch('SIGHUP')])).toEqual([
    [130, null, ''],
    [143, null, ''],
    [null, 'SIGHUP', ''],
  ]);
});

test('a graph can be submitted from a YAML file and watched until nothing changes', async ({ cli, muster }) => {
  const cwd = temporaryFolder();
  const yaml = `
tasks:
  - key: research
    content: Find the patterns
    requirements: [${muster.name('skill')}]
    routing: manual
  - { key: report, content: Write them up, dependencies: [{ key: research, on_failure: cancel }], routing: manual }
`;
  writeFileSync(join(cwd, 'graph.yaml'), yaml);
  const dry = await cli.run(['graph', 'submit', '-f', 'graph.yaml', '--dry-run'], { cwd });
  const submitted = await cli.run(['graph', 'submit', '-f', '-', '--json'], { input: yaml });
  expect(dry.stdout).toMatch(/^critical_path +research, report$/m);
  const { graph_id, tasks } = JSON.parse(submitted.stdout) as { graph_id: string; tasks: Record<string, string> };

  const watch = startCli(['graph', 'watch', graph_id], { env: cli.env });
  const inJson = startCli(['graph', 'watch', graph_id, '--json'], { env: cli.env });
  await Promise.all([watch.began(), inJson.began()]);
  await muster.finish(tasks['research'] ?? '');
  await muster.until(tasks['report'] ?? '', 'pending');
  await muster.start(tasks['report'] ?? '');
  const error = `first line\n${'x'.repeat(500)}`;
  await muster.call('fail_task', { task_id: tasks['report'] ?? '', error, should_retry: false });

  const { code, stdout } = await watch.ended();
  expect(code).toBe(4);
  expect(stdout).toMatch(/^\S+Z {2}0\/2 completed, 0% {2}1 waiting {2}1 pending\n/);
  expect(stdout).toMatch(/^\S+Z {2}completed {2}research {2}\S+, attempt 1$/m);
  expect(stdout).toMatch(/^\S+Z {2}failed {5}report {2}\S+, attempt 1 {2}first line x+/m);
  expect(stdout).toMatch(
    /1\/2 completed, 50% {2}1 failed\nKEY .*\nreport .* failed .*\n\nreport\n {2}first line\n {2}x{500}\n$/,
  );
  const changed = linesOf<{ changed: { key: string; status: string }[] }>((await inJson.ended()).stdout).flatMap(
    (line) => line.changed,
  );
  expect(changed).toContainEqual(expect.objectContaining({ key: 'research', status: 'completed' }));
  expect(changed.at(-1)).toMatchObject({ key: 'report', status: 'failed' });
});

test('keys can be created, listed without secrets, and revoked', async ({ cli, muster }) => {
  const made = await cli.run(['key', 'create', '--role', 'viewer', '--name', muster.name('ada'), '--json']);
  const { key, key_id } = JSON.parse(made.stdout) as { key: string; key_id: string };
  const listed = await cli.run(['key', 'list', '--all']);
  const revoked = await cli.run(['key', 'revoke', key_id, '--json']);

  expect(listed.stdout).toContain(key_id);
  expect(listed.stdout).not.toContain(key);
  expect(JSON.parse(revoked.stdout)).toHaveProperty('revoked_at');
});

test('a local Muster is found from a subfolder, a deployed one by its profile', async ({ muster }) => {
  const cwd = temporaryFolder();
  const inside = join(cwd, 'some', 'where');
  mkdirSync(inside, { recursive: true });
  mkdirSync(join(cwd, '.muster'));
  writeFileSync(join(cwd, '.muster', 'local.json'), JSON.stringify({ url: muster.url, keys: muster.keys }), {
    mode: 0o600,
  });
  const agent = await muster.agent('agent');

  const found = await runCli(['agent', 'get', agent, '--json'], { cwd: inside });
  expect((JSON.parse(found.stdout) as Agent).agent_id).toBe(agent);

  const elsewhere = temporaryFolder();
  const key = muster.keys.admin;
  await runCli(['profile', 'add', 'dev', '--url', muster.url, '--key', '-'], { cwd: elsewhere, input: `${key}\n` });
  const stats = await runCli(['stats', '--profile', 'dev', '--json'], { cwd: elsewhere });
  expect(JSON.parse(stats.stdout)).toHaveProperty('success_rate');
});

test('mcp serves the tools over stdio', async ({ cli }) => {
  const { code, stdout } = await cli.run(['mcp'], {
    input: `${JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    })}\n`,
  });
  expect(code).toBe(0);
  expect(linesOf(stdout)).toMatchObject([{ id: 1, result: { capabilities: { tools: {} } } }]);
});
