import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { onTestFinished } from 'vitest';
import { expect, test } from '../support/muster.ts';

const root = path.join(import.meta.dirname, '../..');
const page = readFileSync(path.join(root, 'docs/mcp.md'), 'utf8');

/** An entry of a client's configuration. */
interface Entry {
  url?: string;
  headers?: Record<string, string>;
  command?: string;
  args?: string[];
  env?: Record<string, string>;
}

/** The entries shown on the page, with their client and field. */
const shown = [...page.matchAll(/\*\*(.+?)\*\*[\s\S]*?```json\n([\s\S]*?)```/g)].map(([, client = '', text = '']) => {
  const configuration = JSON.parse(text) as Record<string, { muster: Entry }>;
  const [field = ''] = Object.keys(configuration);
  return { client, field, entry: configuration[field]?.muster ?? {} };
});

test('every client has the field that it reads', () => {
  expect(shown.map(({ client, field }) => [client, field])).toEqual([
    ['Claude Code', 'mcpServers'],
    ['Cursor', 'mcpServers'],
    ['VS Code', 'servers'],
    ['Any client that starts a process', 'mcpServers'],
  ]);
});

test.for(shown)('a client connects with the configuration for $client', async ({ entry }, { muster }) => {
  const { url: address, key } = { url: muster.url, key: muster.keys.admin };
  const here = (text: string) =>
    text
      .replace('http://127.0.0.1:4800', address)
      .replace(/\$\{\S+?\}|mst_\.\.\./, key)
      .replace('/path/to/muster', root);
  const all = (texts: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, here(text)]));
  const { url, headers, command = '', args = [], env } = entry;
  const transport =
    url === undefined
      ? new StdioClientTransport({
          command,
          args: args.map(here),
          env: { PATH: process.env['PATH'] ?? '', ...all(env) },
        })
      : new StreamableHTTPClientTransport(new URL(here(url)), { requestInit: { headers: all(headers) } });
  const client = new Client({ name: 'test', version: '1' });
  onTestFinished(() => client.close());
  await client.connect(transport);
  expect((await client.listTools()).tools.length).toBeGreaterThan(30);
});
