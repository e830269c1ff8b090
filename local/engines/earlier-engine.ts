import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writePrivate } from '../data/private-file.ts';

interface RunningEngine {
  pid: number;
  host: string;
  port: number;
}

const waitMs = 10_000;

/** Records which engine has the folder open. */
export function rememberEngine(folder: string, engine: RunningEngine): void {
  writePrivate(fileIn(folder), JSON.stringify(engine));
}

/**
 * Waits until the engine that an earlier process started on this folder is gone: it outlives a killed parent by a few
 * milliseconds, and a second engine would open the same file without complaint.
 * @throws after 10 s
 */
export async function waitForEarlierEngine(folder: string): Promise<void> {
  const engine = remembered(folder);
  if (!engine) return;
  const deadline = Date.now() + waitMs;
  while (await isRunning(engine)) {
    if (Date.now() > deadline) {
      throw new Error(
        `An earlier engine (process ${engine.pid}) still has ${folder} open. Stop it with: kill ${engine.pid}`,
      );
    }
    await delay(20);
  }
}

function remembered(folder: string): RunningEngine | undefined {
  if (!existsSync(fileIn(folder))) return undefined;
  const text = readFileSync(fileIn(folder), 'utf8');
  // A process killed while writing leaves the file empty, and its engine had no time to write anything.
  if (text === '') return undefined;
  const engine = JSON.parse(text) as Omit<RunningEngine, 'host'> & Partial<RunningEngine>;
  // Earlier versions used only one address.
  return { host: '127.0.0.1', ...engine };
}

function fileIn(folder: string): string {
  return join(folder, 'engine.json');
}

/** Both must match: after a reboot, the pid or the port may belong to another program. */
async function isRunning({ pid, host, port }: RunningEngine): Promise<boolean> {
  return processExists(pid) && (await accepts(host, port));
}

function processExists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
