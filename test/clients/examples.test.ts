import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runProgram } from '../support/command.ts';
import { expect, test as base } from '../support/moved-muster.ts';

/** Processes take their time to start on a busy machine. */
const slow = { timeout: 60_000 };

/** The examples have agents with names of their own, so each test has its own key for that name. */
const test = base.extend('example', ({ muster }) => async (agent_id: string, command: string[]) => {
  const { key } = await muster.call('create_key', { role: 'agent', agent_id });
  const run = (args: string[], MUSTER_KEY: string, more: Record<string, string> = {}) => {
    const [program = '', ...rest] = command;
    return runProgram(program, [...rest, ...args], { MUSTER_URL: muster.url, MUSTER_KEY, ...more });
  };
  return {
    agent: (file: string, more?: Record<string, string>) => run([file], key, more),
    producer: (file: string, ...args: string[]) => run([file, ...args], muster.keys.producer),
  };
});

function folderWith(files: Record<string, string>): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-example-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return (name) => join(folder, name);
}

test('typescript: an agent and a producer make a table of contents', slow, async ({ muster, example }) => {
  const path = folderWith({ 'b.md': '# Second\n\ntext\n', 'a.md': 'text\n# First\n## Part\n#### too deep\n' });
  const { agent, producer } = await example('markdown_reader', [process.execPath]);
  const working = agent('examples/typescript/agent.ts', { MUSTER_FILES: path('') });
  const asking = producer('examples/typescript/producer.ts', path('a.md'), path('b.md'));
  expect(await asking.ended, asking.output()).toBe(0);
  expect(asking.printed()).toBe('a.md\n   First\n     Part\nb.md\n   Second\n');

  working.kill('SIGTERM');
  expect(await working.ended, working.output()).toBe(0);
  expect(await muster.call('get_agent', { agent_id: 'markdown_reader' })).toMatchObject({ state: 'left', load: 0 });
});

const python = ['python3', '-B'];
const pipeReader = `
from muster import work

def digest(task, check):
    with open(task["content"]) as pipe:
        return {"file": task["content"], "length": len(pipe.read())}

work("file_reader", ["files"], {"digest": digest})
`;
const isPythonHere = spawnSync('python3', ['--version']).status === 0;

test('python: an agent and a producer find files with the same content', slow, async ({ muster, example, skip }) => {
  skip(!isPythonHere, 'python3 is not installed');
  const path = folderWith({ one: 'same', other: 'different', two: 'same' });
  const { agent, producer } = await example('file_reader', python);
  const working = agent('examples/python/agent.py', { MUSTER_FILES: path('') });
  const asking = producer('examples/python/producer.py', path('one'), path('other'), path('two'));
  expect(await asking.ended, asking.output()).toBe(0);
  expect(JSON.parse(asking.printed())).toEqual([[path('one'), path('two')]]);

  const missing = producer('examples/python/producer.py', path('missing'));
  expect(await missing.ended, missing.output()).toBe(1);

  const outside = folderWith({ secret: 'secret' });
  symlinkSync(outside('secret'), path('link'));
  expect(spawnSync('mkfifo', [path('pipe')]).status).toBe(0);
  const refused = [path('link'), path('pipe'), outside('secret'), '/dev/zero', path('')].map((content) => ({
    content,
    task_type: 'digest',
    requirements: ['files'],
    routing: 'auto' as const,
  }));
  for (const task of await muster.create(refused)) {
    const { error } = await muster.until(task, 'failed');
    expect(error).toMatch(/ is not (below|a regular file)/);
  }

  working.kill('SIGTERM');
  expect(await working.ended, working.output()).toBe(0);
  expect(await muster.call('get_agent', { agent_id: 'file_reader' })).toMatchObject({ state: 'left', load: 0 });
});

test(
  'python: the agent keeps a long task alive, and finishes it when it is stopped',
  slow,
  async ({ muster, example, skip }) => {
    skip(!isPythonHere, 'python3 is not installed');
    const path = folderWith({ 'agent.py': pipeReader });
    // The agent reads from the pipe until the test closes it.
    expect(spawnSync('mkfifo', [path('pipe')]).status).toBe(0);
    const { agent } = await example('file_reader', python);
    const working = agent(path('agent.py'), { PYTHONPATH: 'examples/python', MUSTER_HEARTBEAT_SECONDS: '0.05' });
    const task = await muster.create({ task_type: 'digest', content: path('pipe'), requirements: ['files'] });
    const pipe = await open(path('pipe'), 'w');
    await expect.poll(() => muster.status(task)).toBe('running');
    for (let round = 0; round < 2; round += 1) {
      await muster.clock.advance('4m');
      const lease = async () => Date.parse((await muster.task(task, 'running')).lease_expires_at) - muster.clock.now();
      await expect.poll(lease).toBeGreaterThan(4 * 60_000);
      await muster.fire('sweep');
    }
    working.kill('SIGTERM');
    await pipe.write('content');
    await pipe.close();
    expect(await working.ended, working.output()).toBe(0);
    expect(await muster.task(task)).toMatchObject({ status: 'completed', attempt: 1, result: { file: path('pipe') } });
  },
);
