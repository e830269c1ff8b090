/** The examples, and the commands that the dashboard offers to copy, each run unchanged. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { onTestFinished } from 'vitest';
import { beginWith, connectWith } from '#clients/dashboard/view/snippets.ts';
import { runProgram } from '../support/command.ts';
import { expect, test as base } from '../support/moved-muster.ts';
import { ended } from './working-agent.ts';

/** The examples name their agents, so each test has its own key for that name. */
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

test('typescript: an agent and a producer make a table of contents', async ({ muster, example }) => {
  const path = folderWith({ 'b.md': '# Second\n\ntext\n', 'a.md': 'text\n# First\n## Part\n#### too deep\n' });
  const { agent, producer } = await example('markdown_reader', [process.execPath]);
  const working = agent('examples/typescript/agent.ts', { MUSTER_FILES: path('') });
  const asking = producer('examples/typescript/producer.ts', path('a.md'), path('b.md'));
  expect(await asking.ended(), asking.output()).toBe(0);
  expect(asking.printed()).toBe('a.md\n   First\n     Part\nb.md\n   Second\n');

  working.kill('SIGTERM');
  expect(await working.ended(), working.output()).toBe(0);
  // On a busy machine, a process ends before its last requests are answered.
  const left = () => muster.call('get_agent', { agent_id: 'markdown_reader' });
  await expect.poll(left).toMatchObject({ state: 'left', load: 0 });
});

/** Runs shell commands as a user would who has MUSTER_KEY set, and returns their output. */
async function inShell(lines: string, key: string): Promise<string> {
  const shell = runProgram('bash', ['-ec', lines], { MUSTER_KEY: key });
  expect(await shell.ended(), shell.output()).toBe(0);
  return shell.printed();
}

/** The names of the tools that a client finds at a URL. */
async function toolsAt(url: string, headers: Record<string, string>): Promise<string[]> {
  const client = new Client({ name: 'test', version: '1' });
  onTestFinished(() => client.close());
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return (await client.listTools()).tools.map(({ name }) => name);
}

/** The dashboard's instructions for one kind of client. */
const snippet = (url: string, kind: string) => connectWith(url).find(({ title }) => title === kind)?.text ?? '';

test("the dashboard's instructions for curl and TypeScript work", async ({ muster, example }) => {
  const file = join('build', `snippet-${process.pid}.ts`);
  writeFileSync(file, snippet(muster.url, 'TypeScript'));
  onTestFinished(() => rmSync(file));
  const { agent } = await example('researcher', [process.execPath]);
  const working = agent(file);
  const printed = await inShell(snippet(muster.url, 'curl'), muster.keys.producer);
  const [, task = ''] = /"task_id":"([^"]+)"/.exec(printed) ?? [];
  expect(await ended(muster, task)).toMatchObject({ result: { answer: 'Read: Research asyncio patterns in Python' } });
  expect(printed).toContain('"per_minute":[');
  working.kill('SIGTERM');
  expect(await working.ended(), working.output()).toBe(0);

  const { agent: first, graph } = beginWith(muster.url);
  expect(JSON.parse(await inShell(first, muster.keys.admin))).toMatchObject({ agent_id: 'researcher' });
  expect(JSON.parse(await inShell(graph, muster.keys.admin))).toHaveProperty('tasks.write');
});

test("the dashboard's instructions for MCP clients work", async ({ muster }) => {
  const { mcpServers } = JSON.parse(snippet(muster.url, 'Other MCP clients')) as {
    mcpServers: { muster: { type: string; url: string; headers: { Authorization: string } } };
  };
  const { type, url, headers } = mcpServers.muster;
  expect(type).toBe('http');
  const Authorization = headers.Authorization.replace('mst_...', muster.keys.producer);
  expect(await toolsAt(url, { Authorization })).toContain('orchestration_create_task');

  // Prints the program's arguments.
  const claude = `claude() { printf '%s\\n' "$@"; }\n${snippet(muster.url, 'Claude Code')}`;
  const [given, header = ''] = (await inShell(claude, muster.keys.producer)).trim().split('\n--header\n');
  expect(given).toBe(['mcp', 'add', '--transport', 'http', 'muster', url].join('\n'));
  const [name = '', value = ''] = header.split(': ');
  expect(await toolsAt(url, { [name]: value })).toContain('orchestration_create_task');
});
