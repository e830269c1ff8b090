import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ranges that Linux, macOS and Windows use for connections and ephemeral ports. */
const range = { from: 20_000, to: 32_000 };

/**
 * A free port for a server that is restarted at the same address: while it is stopped, no connection of another test
 * gets its port.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = randomInt(range.from, range.to);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
