import {
  createMcpHandler,
  isJsonContentType,
  localhostAllowedOrigins,
  originValidationResponse,
  ProtocolError,
  ProtocolErrorCode,
  Server,
} from '@modelcontextprotocol/server';
import { limits } from '#shared/contract/limits.ts';
import type { ToolSet } from '#shared/contract/transports/tool-sets.ts';
import { hasTool, inputSchemaOf, operationOf, toolNamesFor, toolsFor } from '#shared/contract/transports/tools.ts';
import { decodedUtf8 } from '#shared/contract/utf8.ts';
import { version } from '#shared/contract/version.ts';
import { nearNames } from '#shared/domain/near-names.ts';
import type { Ports } from '#shared/ports.ts';
import { readArguments } from './arguments.ts';
import { callTool, type Asking } from './call-tool.ts';
import { instructionsFor } from './instructions.ts';
import { MessageRefusal, readMessage, type ReadMessage } from './message.ts';

/** How long a client may cache the list of tools, in milliseconds; it only changes with the code. */
const listTtlMs = 5 * 60_000;

/**
 * Answers one MCP request in either generation of the protocol. The key protects it, and no web page has one. Requests
 * from web pages are refused all the same, as the protocol requires against DNS rebinding: the Origin header reveals
 * them.
 */
export async function serveMcp(ports: Ports, request: Request, asking: Asking): Promise<Response> {
  const refused = originValidationResponse(request, localhostAllowedOrigins());
  if (refused) return refused;
  try {
    const read = request.method === 'POST' ? readMessage(await textOf(request)) : undefined;
    const { fetch } = createMcpHandler(() => serverFor(ports, asking, read), {
      // Keep-alive lines would only lengthen the response, which is sent as a whole.
      keepAliveMs: 0,
    });
    return await fetch(request, { parsedBody: read?.message });
  } catch (error) {
    if (error instanceof MessageRefusal) return error.response();
    throw error;
  }
}

async function textOf(request: Request): Promise<string> {
  if (!isJsonContentType(request.headers.get('content-type'))) {
    throw new MessageRefusal(ProtocolErrorCode.InvalidRequest, 'Send content-type: application/json.', null, 415);
  }
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > limits.bodyBytes) {
    const size = `The message is ${bytes.byteLength} bytes; the maximum is ${limits.bodyBytes}.`;
    throw new MessageRefusal(ProtocolErrorCode.InvalidRequest, size, null, 413);
  }
  const text = decodedUtf8(bytes);
  if (text === undefined) throw new MessageRefusal(ProtocolErrorCode.ParseError, 'The message is not valid UTF-8.');
  return text;
}

/** A server for a single request, bound to its caller. */
function serverFor(ports: Ports, asking: Asking, read: ReadMessage | undefined) {
  const { caller, toolSet } = asking;
  const offered = toolNamesFor(caller.scopes, toolSet);
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- McpServer, to be used instead, validates in its own words
  const server = new Server(
    { name: 'muster', title: 'Muster', version },
    {
      capabilities: { tools: {} },
      instructions: instructionsFor(new Set(offered)),
      cacheHints: {
        'tools/list': { ttlMs: listTtlMs, cacheScope: 'private' },
        'server/discover': { ttlMs: listTtlMs, cacheScope: 'private' },
      },
    },
  );
  server.setRequestHandler('tools/list', () => ({ tools: toolsFor(caller.scopes, toolSet) }));
  server.setRequestHandler('tools/call', ({ params: { name, _meta } }) => {
    const schema = inputSchemaOf(name);
    if (toolSet && schema && !hasTool(toolSet, name)) throw notInSet(name, toolSet);
    const { input, changed } = readArguments(read?.given, schema ?? {});
    const operation = operationOf(name, Object(input) as object);
    if (!operation) throw unknownTool(name, offered);
    const traceparent = _meta?.['traceparent'];
    return callTool(ports, operation, { input, changed: [...(read?.changed ?? []), ...changed], traceparent }, asking);
  });
  return server;
}

function unknownTool(name: string, offered: readonly string[]): ProtocolError {
  const shown = name.slice(0, 100);
  const [near] = nearNames(shown, offered).concat(offered.filter((tool) => tool.endsWith(`_${shown}`)));
  const advice = near === undefined ? 'tools/list names those there are.' : `Did you mean ${near}?`;
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool ${shown}. ${advice}`);
}

function notInSet(name: string, set: ToolSet): ProtocolError {
  const advice = 'To use it, connect without ?tools in the address.';
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `${name} is not one of the ${set} tools. ${advice}`);
}
