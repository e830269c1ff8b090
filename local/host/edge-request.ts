import { EventEmitter } from 'node:events';
import http, { type ClientRequest, type RequestOptions } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { Readable, Writable } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';
import type { AwsAnswer } from '../edge/call.ts';
import type { EdgeAnswerMessage, EdgeRequestMessage } from './messages.ts';

/** A request that can be carried: what the AWS SDK passes to `http.request`. */
interface Carried extends RequestOptions {
  headers: Record<string, string>;
}

/**
 * Sends requests that `http.request` makes to the edge through a port; a socket takes three times as much CPU. The
 * function and its SDK are unchanged. Requests to other hosts, and requests made to the edge by other means, still use
 * a socket.
 * @param host `127.0.0.1:<port>` of the edge
 */
export function carryRequests(host: string, port: MessagePort): void {
  const waiting = new Map<number, (answer: AwsAnswer | undefined) => void>();
  let lastId = 0;
  port.on('message', ({ id, answer }: EdgeAnswerMessage) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  // Only its events keep a worker running.
  port.unref();

  const send = (headers: Record<string, string>, text: string, answered: (answer: AwsAnswer | undefined) => void) => {
    lastId += 1;
    waiting.set(lastId, answered);
    port.postMessage({ id: lastId, headers, text } satisfies EdgeRequestMessage);
  };
  const isCarried = (options: unknown): options is Carried => {
    if (typeof options !== 'object' || options === null || options instanceof URL) return false;
    const { host: name, port: number, headers } = options as RequestOptions;
    return `${name ?? ''}:${number ?? ''}` === host && typeof headers === 'object' && !Array.isArray(headers);
  };

  const request = http.request.bind(http) as (...given: unknown[]) => ClientRequest;
  const carry = (...given: unknown[]) => {
    const [options, onResponse] = given;
    if (!isCarried(options)) return request(...given);
    return new EdgeRequest({ host, ...lowerCase(options.headers) }, send, onResponse as (response: Readable) => void);
  };
  Object.assign(http, { request: carry });
  syncBuiltinESMExports();
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const name in headers) lower[name.toLowerCase()] = headers[name] ?? '';
  return lower;
}

/** What the SDK needs of a socket. It is always connected; a response arrives complete or not at all. */
class FakeSocket extends EventEmitter {
  readonly connecting = false;
  #timer: NodeJS.Timeout | undefined;

  setKeepAlive = () => this;

  setTimeout(ms: number, onTimeout: () => void): this {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(onTimeout, ms);
    return this;
  }

  destroy(): this {
    clearTimeout(this.#timer);
    return this;
  }
}

type Send = (headers: Record<string, string>, text: string, answered: (answer: AwsAnswer | undefined) => void) => void;

/** What the SDK uses of a ClientRequest. */
class EdgeRequest extends Writable {
  readonly socket = new FakeSocket();
  readonly #headers: Record<string, string>;
  readonly #send: Send;
  readonly #chunks: (Buffer | string)[] = [];

  constructor(headers: Record<string, string>, send: Send, onResponse?: (response: Readable) => void) {
    // The SDK writes text, which is posted as text.
    super({ autoDestroy: false, decodeStrings: false });
    this.#headers = headers;
    this.#send = send;
    if (onResponse) this.once('response', onResponse);
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(typeof chunk === 'string' && encoding !== 'utf8' ? Buffer.from(chunk, encoding) : chunk);
    done();
  }

  override _final(done: () => void): void {
    this.#send(this.#headers, textOf(this.#chunks), (answer) => this.#answered(answer));
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }

  #answered(answer: AwsAnswer | undefined): void {
    if (this.destroyed) return;
    if (answer) this.emit('response', new Response(answer));
    // The error of Node's HTTP client.
    this.destroy(answer ? undefined : Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
  }
}

function textOf(chunks: readonly (Buffer | string)[]): string {
  const [first = ''] = chunks;
  if (chunks.length <= 1 && typeof first === 'string') return first;
  return Buffer.concat(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk))).toString();
}

/** What the SDK uses of an IncomingMessage. */
class Response extends Readable {
  readonly complete = true;
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly headers: Record<string, string>;
  readonly #bytes: Buffer;

  constructor({ status, headers, body }: AwsAnswer) {
    super();
    this.#bytes = Buffer.from(body);
    this.statusCode = status;
    this.statusMessage = http.STATUS_CODES[status] ?? '';
    this.headers = { ...headers, 'content-length': String(this.#bytes.length) };
  }

  override _read(): void {
    this.push(this.#bytes);
    this.push(null);
  }

  /** In one step, since the SDK reads it this way: a pipe of streams would take several turns of the event loop. */
  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    if (options?.end === false) return super.pipe(destination, options);
    destination.end(this.#bytes);
    return destination;
  }
}
