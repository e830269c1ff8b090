import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Admit } from './admission.ts';
import type { AwsAnswer, WireRequest } from './call.ts';

export interface ListenOptions {
  /** @param host `127.0.0.1:<port>` */
  admissionOf: (host: string) => Admit;
  /** Serves admitted requests; undefined cuts the connection. */
  serve: (wire: WireRequest) => Promise<AwsAnswer | undefined>;
  /** Epoch milliseconds by the callers' clock. */
  now: () => number;
}

export interface HttpServer {
  /** `127.0.0.1:<port>` */
  host: string;
  close(): Promise<void>;
}

/** Serves requests over HTTP on a free port that only this machine can reach. */
export async function listen({ admissionOf, serve, now }: ListenOptions): Promise<HttpServer> {
  const server = createServer();
  // The SDK keeps idle connections; one that closes just as it is reused costs the caller a retry.
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const admit = admissionOf(host);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const refusal = admit(request.headers);
    if (refusal) {
      send(response, closing(refusal), now());
      return;
    }
    void text(request)
      .then((body) => serve({ headers: request.headers, text: body }))
      .catch(() => undefined)
      .then((answer) => send(response, answer, now()));
  });

  return {
    host,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/**
 * If this date differs from its clock by minutes, the SDK assumes that its clock is wrong and retries failed calls with
 * a corrected one.
 */
export const dateHeader = (now: number) => ({ date: new Date(now).toUTCString() });

/** Also closes the connection: the body of a refused request may be large and is never read. */
const closing = (answer: AwsAnswer): AwsAnswer => ({
  ...answer,
  headers: { ...answer.headers, connection: 'close' },
});

function send(response: ServerResponse, answer: AwsAnswer | undefined, now: number): void {
  if (!answer) return void response.destroy();
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': Buffer.byteLength(answer.body),
    ...dateHeader(now),
  });
  response.end(answer.body);
}
