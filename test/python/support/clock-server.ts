import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Muster } from '#local/start.ts';

/** Lets the tests, and no other program, move their Muster's clock. */
export async function serveClock(muster: Muster): Promise<{ url: string; stop: () => void }> {
  const handle = async (path: string | undefined, body: string) => {
    if (path === '/advance') {
      // Requests of a killed process belong to the time before.
      await muster.settled();
      await muster.clock.advance(body);
    } else if (path === '/sweep') await muster.fire('sweep');
    else throw new Error(`${path} is unknown`);
  };
  const server = createServer((request, response) => {
    text(request)
      .then((body) => handle(request.url, body))
      .then(() => response.end())
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, stop: () => void server.close() };
}
