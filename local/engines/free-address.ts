import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

export interface Address {
  host: string;
  port: number;
}

/**
 * A free port for an engine to listen on. On Linux, all of 127.0.0.0/8 is this machine: a random address and port take
 * about 39 bits for a web page to guess.
 * @param hosts '127.0.0.1' if the engine cannot choose its address
 */
export async function freeAddress(hosts: 'any loopback' | '127.0.0.1'): Promise<Address> {
  const known = '127.0.0.1';
  if (hosts === known) return freeAt(known);
  const host = `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;
  // Other systems than Linux have no other loopback addresses by default.
  return freeAt(host).catch(() => freeAt(known));
}

function freeAt(host: string): Promise<Address> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve({ host, port: address.port });
      });
    });
  });
}
