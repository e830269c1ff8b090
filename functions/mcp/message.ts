import { ProtocolErrorCode, specTypeSchemas } from '@modelcontextprotocol/server';
import { changedByParsing, type ParsingChange } from '#shared/contract/json-text.ts';
import { pointerTo } from '#shared/contract/problem.ts';
import { checkJson } from '#shared/wire/check-json.ts';

/** A message, and the parts that only Muster reads. */
export interface ReadMessage {
  message: Record<string, unknown>;
  /** The arguments of a tool call as received; the forwarded message has none. */
  given: unknown;
  /** What parsing changed in the arguments; paths are relative to them. */
  changed: ParsingChange[];
}

/** A malformed message. It is refused at the protocol level: no tool was called. */
export class MessageRefusal extends Error {
  readonly code: ProtocolErrorCode;
  readonly status: number;
  readonly id: string | number | null;

  constructor(code: ProtocolErrorCode, message: string, id: string | number | null = null, status = 400) {
    super(message);
    this.code = code;
    this.id = id;
    this.status = status;
  }

  response(): Response {
    const { code, message, id, status } = this;
    return Response.json({ jsonrpc: '2.0', id, error: { code, message } }, { status });
  }
}

const { ParseError, InvalidRequest, MethodNotFound, InvalidParams } = ProtocolErrorCode;

/**
 * Reads one JSON-RPC message. Errors are worded here, because the server it is forwarded to would answer with its
 * validator's dump.
 * @throws MessageRefusal
 */
export function readMessage(text: string): ReadMessage {
  // A batch would count as one request, however many calls it contains; the protocol dropped batches in 2025-06-18.
  if (/^\s*\[/.test(text))
    throw new MessageRefusal(InvalidRequest, 'Batches are not supported: send one message per request.');
  const message = parse(text);
  const id = readId(message);
  const changed = changedArguments(text, id);
  if (message['jsonrpc'] !== '2.0') throw new MessageRefusal(InvalidRequest, 'jsonrpc must be "2.0".', id);
  const isAnswer = Object.hasOwn(message, 'result') || Object.hasOwn(message, 'error');
  // A response to nothing that Muster requested; the server drops it.
  if (isAnswer && message['method'] === undefined) return { message, given: {}, changed };
  const { method } = message;
  if (typeof method !== 'string')
    throw new MessageRefusal(InvalidRequest, 'method must be text, such as "tools/call".', id);
  const { params, given } = readParams(message['params'], id);
  const read = { jsonrpc: '2.0', ...(id !== null && { id }), method, params };
  if (id !== null) checkRequest(read, id);
  return { message: read, given, changed };
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new MessageRefusal(ParseError, 'The message is not valid JSON.');
  }
  if (!isObject(value)) throw new MessageRefusal(InvalidRequest, 'The message must be a JSON object.');
  if (Object.hasOwn(value, '__proto__')) throw new MessageRefusal(InvalidRequest, '__proto__ is not an allowed name.');
  return value;
}

function readId(message: Record<string, unknown>): string | number | null {
  if (!Object.hasOwn(message, 'id')) return null;
  const { id } = message;
  if (typeof id === 'string' || Number.isSafeInteger(id)) return id as string | number;
  throw new MessageRefusal(InvalidRequest, 'id must be text or a whole number of at most 2^53 - 1.');
}

/** Separates the arguments of a call from the other parameters. Null means absent, also for `_meta`. */
function readParams(written: unknown, id: string | number | null): { params: Record<string, unknown>; given: unknown } {
  const all = written ?? {};
  if (!isObject(all)) throw new MessageRefusal(InvalidParams, 'params must be an object.', id);
  const { arguments: given, _meta, ...others } = all;
  const params = { ...others, ...(_meta !== undefined && _meta !== null && { _meta }) };
  try {
    // A reserved name is refused, not dropped; in the arguments, `perform` does that.
    checkJson({ params });
  } catch (error) {
    throw new MessageRefusal(InvalidParams, (error as Error).message, id);
  }
  return { params, given };
}

/** The schema of a method's message; undefined if the server reports what is wrong. */
type Method = { '~standard': { validate: (message: unknown) => unknown } } | undefined;

const tools: [string, Method][] = [
  ['tools/list', specTypeSchemas.ListToolsRequest],
  ['tools/call', specTypeSchemas.CallToolRequest],
];
/** The methods of the protocol since 2026. */
const statelessMethods = new Map<string, Method>([
  ...tools,
  ['server/discover', undefined],
  ['subscriptions/listen', undefined],
]);
/** A message without a version may still name it in a header, which the server reads. */
const methods = new Map<string, Method>([
  ...statelessMethods,
  ['initialize', specTypeSchemas.InitializeRequest],
  ['ping', specTypeSchemas.PingRequest],
]);

function checkRequest(message: { method: string; params: Record<string, unknown> }, id: string | number): void {
  const { method, params } = message;
  const isStateless = namesVersion(params);
  const known = isStateless ? statelessMethods : methods;
  if (!known.has(method)) {
    const says = `Unknown method ${method.slice(0, 100)}. Muster offers tools and nothing else: tools/list, tools/call.`;
    throw new MessageRefusal(MethodNotFound, says, id, isStateless ? 404 : 200);
  }
  const { issues = [] } = (known.get(method)?.['~standard'].validate(message) ?? {}) as {
    issues?: readonly { path?: PropertyKey[] }[];
  };
  const [first] = issues;
  if (first) throw new MessageRefusal(InvalidParams, wrongAt(message, first.path ?? []), id, isStateless ? 400 : 200);
  if (method === 'tools/list' && params['cursor'] !== undefined) {
    throw new MessageRefusal(InvalidParams, 'Unknown cursor: the list of tools has one page.', id, 200);
  }
}

function wrongAt(message: unknown, path: readonly PropertyKey[]): string {
  let value: unknown = message;
  for (const step of path)
    value = isObject(value) || Array.isArray(value) ? (value as Record<PropertyKey, unknown>)[step] : undefined;
  return `${pointerTo(path)}: ${value === undefined ? 'is missing' : 'is not valid in the protocol'}`;
}

/**
 * Whether a message follows the protocol since 2026, which names its version in the message and also returns errors as
 * HTTP statuses.
 */
const namesVersion = ({ _meta }: Record<string, unknown>) =>
  isObject(_meta) && 'io.modelcontextprotocol/protocolVersion' in _meta;

/**
 * What parsing changed in the arguments, for the tool to refuse.
 * @throws MessageRefusal if anything else was changed
 */
function changedArguments(text: string, id: string | number | null): ParsingChange[] {
  return changedByParsing(text).map(({ path: [first, second, ...path], message }) => {
    if (first === 'params' && second === 'arguments') return { path, message };
    const pointer = pointerTo([first, second, ...path].filter((step) => step !== undefined));
    throw new MessageRefusal(InvalidRequest, `${pointer}: ${message}`, id);
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
