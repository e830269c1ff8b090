import path from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as EarlierClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as EarlierStdioTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as EarlierHttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { onTestFinished } from 'vitest';
import type { Tool } from '#shared/contract/transports/tools.ts';

/** The result of a tool call. */
export interface ToolResult {
  isError?: boolean;
  structuredContent?: Record<string, unknown>;
  content: { type: string; text: string }[];
}

/** A session of an official client, of either generation and transport, until the end of the test. */
export interface McpSession {
  instructions: string | undefined;
  capabilities: unknown;
  tools(): Promise<Tool[]>;
  /** Rejects if the protocol itself refuses the call; resolves for a refused operation. */
  call(tool: string, input?: object, meta?: Record<string, unknown>): Promise<ToolResult>;
}

export interface Target {
  url: string;
  key: string;
  /** The tool set in the URL. */
  tools?: string;
}

const about = { name: 'test', version: '1' };
const bridge = path.join(import.meta.dirname, '../../clients/cli/bridge/main.ts');

/** How to start the stdio bridge. */
export function bridgeProcess({ url, key, tools }: Target) {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  const env = { PATH, NODE_COMPILE_CACHE, MUSTER_URL: url, MUSTER_KEY: key };
  return { command: process.execPath, args: [bridge, ...(tools === undefined ? [] : ['--tools', tools])], env };
}

const endpoint = ({ url, tools }: Target) => new URL(tools === undefined ? '/mcp' : `/mcp?tools=${tools}`, url);
const withKey = ({ key }: Target) => ({ requestInit: { headers: { authorization: `Bearer ${key}` } } });

/** A client of the protocol of 2026-07-28, which is stateless. */
async function connectStateless(transport: StreamableHTTPClientTransport | StdioClientTransport) {
  const client = new Client(about, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(transport);
  return sessionOf(client);
}

/** A client of the previous generation, which begins with `initialize`. */
async function connectEarlier(transport: EarlierHttpTransport | EarlierStdioTransport) {
  const client = new EarlierClient(about);
  await client.connect(transport);
  return sessionOf(client);
}

function sessionOf(client: Client | EarlierClient): McpSession {
  onTestFinished(() => client.close());
  return {
    instructions: client.getInstructions(),
    capabilities: client.getServerCapabilities(),
    tools: async () => (await client.listTools()).tools as Tool[],
    call: async (name, input = {}, meta) => {
      const result = await client.callTool({ name, arguments: { ...input }, ...(meta && { _meta: meta }) });
      return result as unknown as ToolResult;
    },
  };
}

/** Every way to connect an official client. */
export const connections = [
  {
    name: 'the client of 2026 over HTTP',
    connect: (target: Target) => connectStateless(new StreamableHTTPClientTransport(endpoint(target), withKey(target))),
  },
  {
    name: 'the client of 2025 over HTTP',
    connect: (target: Target) => connectEarlier(new EarlierHttpTransport(endpoint(target), withKey(target))),
  },
  {
    name: 'the client of 2026 over stdio',
    connect: (target: Target) => connectStateless(new StdioClientTransport(bridgeProcess(target))),
  },
  {
    name: 'the client of 2025 over stdio',
    connect: (target: Target) => connectEarlier(new EarlierStdioTransport(bridgeProcess(target))),
  },
] as const;

/** The connection that most tests use. */
export const connectMcp = connections[0].connect;
