import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A request on its way to Muster. */
export interface PassingRequest {
  method: string;
  /** Without the query. */
  path: string;
  body: unknown;
}

/**
 * The fate of a request: answered here instead of by Muster, `lost` on its way, or `answer_lost` after Muster has
 * performed it. Undefined lets it pass.
 */
export type Fate = { status: number; headers?: Record<string, string>; body?: unknown } | 'lost' | 'answer_lost';

/** The response of an overloaded Muster. */
export const busy = { status: 503, headers: { 'retry-after': '0' }, body: { message: 'Service Unavailable' } };

/**
 * Starts a proxy in front of a Muster, which may move, until the end of the test. `decide` decides about each request.
 */
export async function startProxy(
  target: Readonly<{ url: string }>,
  decide: (request: PassingRequest) => Fate | undefined | Promise<Fate | undefined>,
) {
  const requests: PassingRequest[] = [];
  let underWay = 0;
  const server = createServer((incoming, outgoing) => {
    underWay += 1;
    void serve(incoming, outgoing)
      .catch(() => outgoing.destroy())
      .finally(() => (underWay -= 1));
  });

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url = '' } = incoming;
    const sent = await text(incoming);
    const request = {
      method,
      path: url.replace(/\?.*/, ''),
      body: sent === '' ? undefined : (JSON.parse(sent) as unknown),
    };
    requests.push(request);
    const fate = await decide(request);
    if (fate === 'lost') return void outgoing.destroy();
    if (fate !== undefined && fate !== 'answer_lost') {
      const { status, headers = {}, body } = fate;
      return void outgoing.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    }
    const { authorization = '', 'content-type': type } = incoming.headers;
    const answer = await fetch(target.url + url, {
      method,
      headers: { authorization, ...(type !== undefined && { 'content-type': type }) },
      ...(sent !== '' && { body: sent }),
    });
    const answered = await answer.text();
    if (fate === 'answer_lost') return void outgoing.destroy();
    const retryAfter = answer.headers.get('retry-after');
    outgoing.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? '',
      ...(retryAfter !== null && { 'retry-after': retryAfter }),
    });
    outgoing.end(answered);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The number of requests for paths with this ending. */
    count: (end: string) => requests.filter(({ path }) => path.endsWith(end)).length,
    requests,
    /** The number of requests in progress. */
    underWay: () => underWay,
  };
}

/** Gives this fate to the first `times` requests for paths with this ending. */
export function first(times: number, end: string, fate: Fate) {
  let left = times;
  return ({ path }: PassingRequest): Fate | undefined => {
    if (!path.endsWith(end) || left === 0) return undefined;
    left -= 1;
    return fate;
  };
}
