import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Outcome } from '../host/instance.ts';
import type { Authorizer } from './authorizer.ts';
import type { Cors } from './cors.ts';
import { eventOf, integrationEvent } from './event.ts';
import type { GatewayRequest } from './event.ts';
import { refusals, responseOf } from './response.ts';
import type { GatewayResponse } from './response.ts';
import { RouteTable } from './route.ts';
import type { RoutePattern } from './route.ts';
import type { Throttle } from './throttle.ts';

const bodyLimit = 10 * 1024 * 1024;

export interface GatewayRoute extends RoutePattern {
  authorizer: Authorizer | undefined;
  timeoutMs: number;
  invoke: (event: unknown) => Promise<Outcome>;
}

export interface GatewaySettings {
  apiId: string;
  /** Undefined if pages of other origins may not call it. */
  cors: Cors | undefined;
  routes: GatewayRoute[];
  throttle: Throttle;
  /** Epoch milliseconds by the functions' clock; also used for the Date header. */
  now: () => number;
  warn: (message: string) => void;
}

/** An HTTP API on 127.0.0.1: the declared routes, their authorizer, and the responses of API Gateway itself. */
export class Gateway {
  readonly #settings: GatewaySettings;
  readonly #routes: RouteTable<GatewayRoute>;
  readonly #server: Server;
  readonly #underWay = new Set<Promise<void>>();

  constructor(settings: GatewaySettings) {
    this.#settings = settings;
    this.#routes = new RouteTable(settings.routes);
    this.#server = createServer((incoming, outgoing) => {
      const work = this.#serve(incoming, outgoing).finally(() => this.#underWay.delete(work));
      this.#underWay.add(work);
    });
    // The same as API Gateway's: if a connection closes while the client reuses it, the client gets an error.
    this.#server.keepAliveTimeout = 75_000;
  }

  /**
   * @returns the address
   * @throws the error of `listen`, for example EADDRINUSE
   */
  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`;
  }

  /** Accepts no new requests and waits for those in progress. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.allSettled(this.#underWay);
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readBody(incoming).catch(() => 'cut' as const);
    if (body === 'cut') return;
    if (!body || !this.#server.listening) outgoing.setHeader('connection', 'close');
    outgoing.setHeader('date', new Date(this.#settings.now()).toUTCString());
    await send(outgoing, body ? await this.#answer(incoming, body) : refusals.tooLarge);
  }

  async #answer(incoming: IncomingMessage, body: Buffer): Promise<GatewayResponse> {
    const { cors } = this.#settings;
    if (cors && incoming.method === 'OPTIONS') return cors.preflight(incoming.headers);
    const [path = '/', ...query] = (incoming.url ?? '/').split('?');
    const request = {
      incoming,
      body,
      path,
      query: query.join('?'),
      apiId: this.#settings.apiId,
      now: this.#settings.now(),
    };
    try {
      const match = this.#routes.match(incoming.method ?? '', path);
      if (!match) return refusals.notFound;
      if (!this.#settings.throttle.admits(match.route.routeKey)) return refusals.throttled;
      return await this.#run(match.route, request, match.pathParameters);
    } catch (error) {
      if (error instanceof URIError) return refusals.badRequest;
      this.#settings.warn(`The gateway failed on ${incoming.method ?? ''} ${path}: ${String(error)}`);
      return refusals.internal;
    }
  }

  async #run(
    route: GatewayRoute,
    request: GatewayRequest,
    parameters: Record<string, string>,
  ): Promise<GatewayResponse> {
    const event = eventOf(request, route.routeKey, parameters);
    const verdict = await route.authorizer?.authorize(event, request.now);
    if (verdict && 'refused' in verdict) return verdict.refused;
    const outcome = await within(
      route.timeoutMs,
      route.invoke(integrationEvent(event, request.body, verdict?.context)),
    );
    if (outcome === 'late') return refusals.unavailable;
    if ('error' in outcome) return refusals.internal;
    const response = responseOf(outcome.result);
    // AWS documents that it adds CORS headers to responses of integrations, but not to its own.
    return this.#settings.cors?.ofFunction(response, request.incoming.headers) ?? response;
  }
}

/** Resolves when the response is sent, or the client is gone. */
async function send(outgoing: ServerResponse, { status, headers, body }: GatewayResponse): Promise<void> {
  if (outgoing.destroyed) return;
  const closed = new Promise<void>((resolve) => outgoing.once('close', resolve));
  try {
    outgoing.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
  } catch {
    // The function set a header that HTTP does not allow.
    const { internal } = refusals;
    outgoing
      .writeHead(internal.status, { ...internal.headers, 'content-length': internal.body.length })
      .end(internal.body);
  }
  await closed;
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T | 'late'> {
  const { promise, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), limitMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The whole body, or undefined if it exceeds API Gateway's limit; that is read to its end too, since a client sees no
 * response before it has sent everything. Rejects if the client goes away.
 */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= bodyLimit) chunks.push(chunk);
  }
  return size <= bodyLimit ? Buffer.concat(chunks) : undefined;
}
