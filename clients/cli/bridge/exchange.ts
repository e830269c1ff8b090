import { setTimeout as pause } from 'node:timers/promises';
import { parse, versionOf, type Message } from './message.ts';

export interface Server {
  /** URL of Muster, for example http://127.0.0.1:4800. */
  url: string;
  /** `mst_...` */
  key: string;
  /** The tool set to offer, as in `/mcp?tools=seed`. Default: all tools that the key may use. */
  tools?: string | undefined;
  /** How long to keep trying an unreachable server, which may be restarting, in milliseconds. Default: 10,000. */
  patienceMs?: number;
}

/** Its message is addressed to a model or a person. */
export class ExchangeError extends Error {}

/** Longer than API Gateway's maximum. */
const timeoutMs = 40_000;
const retryMs = 250;

/** The connection was never established, so retrying cannot do anything twice. */
const notSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Sends one message and returns the messages that come back: none for a notification, else the response and what
 * precedes it.
 * @param body the message as sent
 * @param version of the protocol, if the message does not name its own
 * @throws NoAnswer
 */
export async function exchange(
  server: Server,
  message: Message,
  body: string,
  version: string | undefined,
  cancelled: AbortSignal,
): Promise<Message[]> {
  const { url, key, tools, patienceMs = 10_000 } = server;
  const query = tools === undefined ? '' : `?${new URLSearchParams({ tools }).toString()}`;
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      const response = await fetch(`${url.replace(/\/+$/, '')}/mcp${query}`, {
        method: 'POST',
        headers: { ...headersOf(message, version), authorization: `Bearer ${key}` },
        body,
        signal: AbortSignal.any([cancelled, AbortSignal.timeout(timeoutMs)]),
      });
      return messagesIn(response, await response.text());
    } catch (error) {
      if (error instanceof ExchangeError || cancelled.aborted) throw error;
      if (!notSent.has(causeOf(error))) throw lost(url, error);
      if (performance.now() > until) throw unreachable(url, error);
      await pause(retryMs, undefined, { signal: cancelled });
    }
  }
}

/** The headers that the protocol requires since 2026, taken from the message. */
function headersOf(message: Message, version: string | undefined): Record<string, string> {
  const own = versionOf(message);
  const named = own ?? version;
  const name = message.params?.['name'];
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(named !== undefined && { 'mcp-protocol-version': named }),
    ...(own !== undefined && typeof message.method === 'string' && { 'mcp-method': inHeader(message.method) }),
    ...(own !== undefined && typeof name === 'string' && { 'mcp-name': inHeader(name) }),
  };
}

/** Base64 with the protocol's marker, for text that a header cannot contain. */
const inHeader = (text: string) =>
  /^[!-~]([ -~]*[!-~])?$/.test(text) && !text.startsWith('=?')
    ? text
    : `=?base64?${Buffer.from(text).toString('base64')}?=`;

function messagesIn(response: Response, text: string): Message[] {
  if (text === '') return [];
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const messages = (isStream ? eventsIn(text) : [text]).map(parse);
  if (messages.every((message) => message?.jsonrpc === '2.0')) return messages as Message[];
  throw new ExchangeError(refusalIn(response, text));
}

/** The data of each event in a stream. */
function eventsIn(stream: string): string[] {
  const events = stream
    .split(/\r?\n\r?\n/)
    .map((event) => event.split(/\r?\n/).filter((line) => line.startsWith('data:')));
  return events.filter((lines) => lines.length > 0).map((lines) => lines.map((line) => line.slice(5)).join('\n'));
}

/** In words, what came instead of a message: a problem document from Muster, or a message from API Gateway. */
function refusalIn({ status }: Response, text: string): string {
  const { detail, hint, message } = (parse(text) ?? {}) as Partial<Record<'detail' | 'hint' | 'message', string>>;
  const said = [detail ?? message, hint].filter((part) => part !== undefined).join(' ');
  const advice = status === 401 ? ' Check the API key of the bridge.' : '';
  return `Muster responded with status ${status}: ${said || 'no reason given.'}${advice}`;
}

const causeOf = (error: unknown) => String(((error as Error).cause as { code?: string } | undefined)?.code);

function unreachable(url: string, cause: unknown): ExchangeError {
  const text = `Cannot reach Muster at ${url} (${causeOf(cause)}); nothing was done. Check that it is running, then try again.`;
  return new ExchangeError(text, { cause });
}

function lost(url: string, cause: unknown): ExchangeError {
  const text = `Muster at ${url} did not respond: the call may or may not have taken effect. Check before repeating it.`;
  return new ExchangeError(text, { cause });
}
