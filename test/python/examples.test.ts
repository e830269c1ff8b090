/** The examples in Python, with the package installed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, onTestFinished } from 'vitest';
import { connectWith } from '#clients/dashboard/view/snippets.ts';
import { runProgram } from '../support/command.ts';
import { expect, test } from '../support/muster.ts';
import type { TestMuster } from '../support/test-muster.ts';
import { isSkipped, python } from './support/python.ts';

/** The examples name their agents, so each test has its own key for that name. */
async function startExample(muster: TestMuster, agent_id: string) {
  const { key } = await muster.call('create_key', { role: 'agent', agent_id });
  const run = (args: string[], MUSTER_KEY: string, more: Record<string, string> = {}) =>
    runProgram(python().program('python'), args, { MUSTER_URL: muster.url, MUSTER_KEY, ...more });
  return {
    agent: (file: string, more?: Record<string, string>) => run([file], key, more),
    producer: (...files: string[]) => run(['examples/python/producer.py', ...files], muster.keys.producer),
  };
}

function folderWith(files: Record<string, string>): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-example-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return (name) => join(folder, name);
}

describe.skipIf(isSkipped)('python', () => {
  test('an agent and a producer find files with the same content', async ({ muster }) => {
    const path = folderWith({ one: 'same', other: 'different', two: 'same' });
    const { agent, producer } = await startExample(muster, 'file_reader');
    const working = agent('examples/python/agent.py', { MUSTER_FILES: path('') });
    const asking = producer(path('one'), path('other'), path('two'));
    expect(await asking.ended(), asking.output()).toBe(0);
    expect(JSON.parse(asking.printed())).toEqual([[path('one'), path('two')]]);

    const missing = producer(path('missing'));
    expect(await missing.ended(), missing.output()).toBe(1);

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
    expect(await working.ended(), working.output()).toBe(0);
    // On a busy machine, a process ends before its last requests are answered.
    const left = () => muster.call('get_agent', { agent_id: 'file_reader' });
    await expect.poll(left).toMatchObject({ state: 'left', load: 0 });
  });

  test('an agent with pydantic-ai does what its README says', async ({ muster }) => {
    const env = { MUSTER_URL: muster.url, MUSTER_KEY: muster.keys.admin };
    const example = runProgram(python().program('python'), ['examples/pydantic-ai/main.py'], env);
    expect(await example.ended(), example.output()).toBe(0);
    const [, printed] = /```text\n(.*?)```/s.exec(readFileSync('examples/pydantic-ai/README.md', 'utf8')) ?? [];
    expect(example.printed()).toBe(printed);
  });

  test("the dashboard's instructions for Python work", async ({ muster }) => {
    const snippet = connectWith(muster.url).find(({ title }) => title === 'Python');
    const path = folderWith({ 'agent.py': snippet?.text ?? '' });
    const { agent } = await startExample(muster, 'researcher');
    const working = agent(path('agent.py'));
    const task = await muster.create({ content: 'asyncio', requirements: ['python'], routing: 'auto' });
    expect(await muster.until(task, 'completed')).toMatchObject({ result: { answer: 'Read: asyncio' } });
    working.kill('SIGTERM');
    expect(await working.ended(), working.output()).toBe(0);
  });
});
