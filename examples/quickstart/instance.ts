import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** The Muster to walk through. */
export interface Instance {
  url: string;
  /** An admin key, since agents need keys of their own. */
  key: string;
  /** Whether others may be using it too. */
  isShared: boolean;
  stop(): Promise<void>;
}

const root = path.resolve(import.meta.dirname, '../..');
const startLimitMs = 60_000;

/**
 * The instance of MUSTER_URL and MUSTER_KEY, or else a temporary one, started like `npm start`.
 * @param folder for the data of a temporary instance
 */
export async function openInstance(folder: string, signal: AbortSignal): Promise<Instance> {
  const { MUSTER_URL: url, MUSTER_KEY: key } = process.env;
  if (!url) return startInstance(path.join(folder, 'muster'), signal);
  if (!key) throw new Error('MUSTER_URL is set, but MUSTER_KEY is not: set it to a key of role admin.');
  return { url: url.replace(/\/+$/, ''), key, isShared: true, stop: () => Promise.resolve() };
}

async function startInstance(data: string, signal: AbortSignal): Promise<Instance> {
  const child = spawn(process.execPath, [path.join(root, 'local/main.ts')], {
    cwd: root,
    env: { ...process.env, PORT: '0', MUSTER_DATA: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  const ended = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await ended;
  };

  try {
    const ready = path.join(data, 'local.json');
    const deadline = performance.now() + startLimitMs;
    while (!existsSync(ready)) {
      signal.throwIfAborted();
      if (child.exitCode !== null) throw new Error(`Muster did not start. Output:\n${said}`);
      if (performance.now() > deadline) throw new Error(`Muster did not start in time. Output:\n${said}`);
      await wait(50);
    }
    const { url, keys } = JSON.parse(readFileSync(ready, 'utf8')) as { url: string; keys: { admin: string } };
    return { url, key: keys.admin, isShared: false, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
