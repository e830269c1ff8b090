import {
  createMcpHandler,
  localhostAllowedOrigins,
  originValidationResponse,
  ProtocolError,
  ProtocolErrorCode,
  Server,
} from '@modelcontextprotocol/server';
import { changedByParsing, type ParsingChange } from '#shared/contract/json-text.ts';
import { limits } from '#shared/contract/limits.ts';
import { operationOf, toolsFor } from '#shared/contract/transports/tools.ts';
import { decodedUtf8 } from '#shared/contract/utf8.ts';
import { version } from '#shared/contract/version.ts';
import type { Ports } from '#shared/ports.ts';
import { callTool, type Asking } from './call-tool.ts';
import { instructions } from './instructions.ts';

/** How long a client may keep the list of tools, in milliseconds: it changes with the code. */
const listTtlMs = 5 * 60_000;

/**
 * Answers one MCP request, whichever of its two generations the client speaks. What protects it is the key, which no web page
 * has. Pages are refused all the same, as the protocol demands: a page that has rebound its own name to this address says
 * where it comes from.
 */
export async function serveMcp(ports: Ports, request: Request, asking: Asking): Promise<Response> {
  const refused = originValidationResponse(request, localhostAllowedOrigins());
  if (refused) return refused;
  const text = decodedUtf8(await request.clone().arrayBuffer());
  if (text === undefined) return refusedWith(ProtocolErrorCode.ParseError, 'The message is not valid UTF-8.');
  if (isBatch(text)) {
    return refusedWith(
      ProtocolErrorCode.InvalidRequest,
      'Batches are not supported: send one JSON-RPC message per request.',
    );
  }
  const { fetch } = createMcpHandler(() => serverFor(ports, asking, text), {
    maxRequestBodySize: limits.bodyBytes,
    // Keep-alive lines would only make the answer longer: it is sent as a whole.
    keepAliveMs: 0,
  });
  return fetch(request);
}

/** A batch would count as one request however many calls it holds; clients do not send any since the protocol of 2025-06-18. */
const isBatch = (body: string) => /^\s*\[/.test(body);

const refusedWith = (code: ProtocolErrorCode, message: string) =>
  Response.json({ jsonrpc: '2.0', id: null, error: { code, message } }, { status: 400 });

/** What reading the arguments of a call has changed; their paths begin in the arguments. */
function changedArguments(message: string): ParsingChange[] {
  return changedByParsing(message)
    .filter(({ path: [first, second] }) => first === 'params' && second === 'arguments')
    .map(({ path, ...finding }) => ({ ...finding, path: path.slice(2) }));
}

/** A server for one request: it knows the caller, and no other. */
function serverFor(ports: Ports, asking: Asking, message: string) {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- McpServer, to be used instead, validates in its own words
  const server = new Server(
    { name: 'muster', title: 'Muster', version },
    {
      capabilities: { tools: {} },
      instructions,
      cacheHints: {
        'tools/list': { ttlMs: listTtlMs, cacheScope: 'private' },
        'server/discover': { ttlMs: listTtlMs, cacheScope: 'private' },
      },
    },
  );
  server.setRequestHandler('tools/list', () => ({ tools: toolsFor(asking.caller.scopes) }));
  server.setRequestHandler('tools/call', ({ params }) => {
    const input = params.arguments ?? {};
    const operation = operationOf(params.name, input);
    if (operation)
      return callTool(
        ports,
        operation,
        { input, changed: changedArguments(message), traceparent: params._meta?.['traceparent'] },
        asking,
      );
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `Unknown tool ${params.name.slice(0, 100)}: see tools/list.`,
    );
  });
  return server;
}
