/** The parts of a JSON-RPC message that the bridge reads. */
export interface Message {
  jsonrpc?: unknown;
  id?: unknown;
  method?: unknown;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
}

/** Undefined if the text is not a JSON object. */
export function parse(text: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const versionField = 'io.modelcontextprotocol/protocolVersion';

/** The protocol version that a message names, as messages since 2026 do. */
export function versionOf({ params }: Message): string | undefined {
  const meta = params?.['_meta'];
  const version =
    typeof meta === 'object' && meta !== null ? (meta as Record<string, unknown>)[versionField] : undefined;
  return typeof version === 'string' ? version : undefined;
}

/** Whether the message expects a response. */
export const isRequest = ({ id, method }: Message) => typeof method === 'string' && id !== undefined && id !== null;

/**
 * The response to a request that did not get through. For a tool call it is a result, so that the model reads it; for
 * anything else an error, which the client shows.
 */
export function failureOf(request: Message, text: string): Message & Record<string, unknown> {
  const { id, method } = request;
  if (method !== 'tools/call') return { jsonrpc: '2.0', id, error: { code: -32000, message: text } };
  const resultType = versionOf(request) === undefined ? {} : { resultType: 'complete' };
  return { jsonrpc: '2.0', id, result: { ...resultType, isError: true, content: [{ type: 'text', text }] } };
}

/** The tool call in a message. */
export function callOf({ method, params }: Message): { tool: string; input: Record<string, unknown> } | undefined {
  const tool = params?.['name'];
  if (method !== 'tools/call' || typeof tool !== 'string') return undefined;
  const input = params?.['arguments'] ?? {};
  return typeof input === 'object' ? { tool, input: input as Record<string, unknown> } : undefined;
}
