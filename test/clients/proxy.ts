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
 * What becomes of a request: it is answered here instead of by Muster, `lost` on its way, or `answer_lost` after Muster has
 * performed it. Nothing: it passes.
 */
export type Fate = { status: number; headers?: Record<string, string>; body?: unknown } | 'lost' | 'answer_lost';

/** What a Muster answers that is too busy. */
export const busy = { status: 503, headers: { 'retry-after': '0' }, body: { message: 'Service Unavailable' } };

/** Listens in front of a Muster, which may move, until the end of the test, and lets requests pass as `decide` says. */
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
    /** How often a path that ends so was asked for. */
    count: (end: string) => requests.filter(({ path }) => path.endsWith(end)).length,
    requests,
    /** How many requests have come and are not dealt with yet. */
    underWay: () => underWay,
  };
}

/** The given fate for the first `times` requests whose path ends so. */
export function first(times: number, end: string, fate: Fate) {
  let left = times;
  return ({ path }: PassingRequest): Fate | undefined => {
    if (!path.endsWith(end) || left === 0) return undefined;
    left -= 1;
    return fate;
  };
}
