import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { within } from './patience.ts';

/** A finding of the official conformance suite. */
export interface Check {
  scenario: string;
  id: string;
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  errorMessage?: string;
}

const root = path.join(import.meta.dirname, '../..');
const suite = path.join(root, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');

/**
 * Runs everything that a revision of the protocol requires of servers, and the suite's additional checks. The suite
 * waits only 500 ms for some responses and reports later ones as failures; after a failure it is therefore run again,
 * three times in all.
 */
export async function runConformance(
  target: Target,
  revision: string,
  isFailure: (check: Check) => boolean,
): Promise<Check[]> {
  let checks: Check[] = [];
  for (let n = 0; n === 0 || (n < 3 && checks.some(isFailure)); n += 1) checks = await runOnce(target, revision);
  return checks;
}

interface Target {
  url: string;
  key: string;
}

async function runOnce(target: Target, revision: string): Promise<Check[]> {
  const results = mkdtempSync(path.join(tmpdir(), 'muster-conformance-'));
  const proxy = await startProxy(target);
  try {
    const args = ['server', '--url', `${proxy.url}/mcp`, '--requirements', revision, '-o', results];
    const child = spawn(process.execPath, [suite, ...args], { cwd: results, stdio: 'ignore' });
    const written = () => globSync('*', { cwd: results }).join(', ');
    const ended = within(once(child, 'close'), () => `the conformance suite, which has written ${written()}`, 100_000);
    await ended.finally(() => child.kill());
    return globSync('*/checks.json', { cwd: results }).flatMap((file) => {
      const scenario = /^server-(.+?)-\d{4}-\d\d-\d\dT/.exec(file)?.[1] ?? file;
      const checks = JSON.parse(readFileSync(path.join(results, file), 'utf8')) as Check[];
      return checks.map(({ id, status, errorMessage = '' }) => ({ scenario, id, status, errorMessage }));
    });
  } finally {
    proxy.stop();
    rmSync(results, { recursive: true });
  }
}

/** Adds the key, which the suite does not support, and forwards everything else unchanged. */
async function startProxy({ url, key }: Target) {
  const { hostname, port } = new URL(url);
  const server = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, authorization: `Bearer ${key}` };
    const { url: at, method } = incoming;
    const onward = request({ hostname, port, path: at, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
