import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
