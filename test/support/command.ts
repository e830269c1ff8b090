import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Keys } from '#local/data/keys.ts';
import { patience, within } from './patience.ts';

const root = join(import.meta.dirname, '..', '..');

/** What `npm start` writes when it is ready. */
export interface LocalFile {
  url: string;
  pid: number;
  data: string;
  keys: Keys;
}

/** Differences from the tests' environment; undefined removes a variable. */
type Environment = Record<string, string | undefined>;

/** Runs a script of this repository as npm would, until the end of the test. */
export const runScript = (script: string, environment: Environment, args: string[] = []) =>
  runProgram(process.execPath, [script, ...args], environment);

/** Runs a program in this repository's folder, until the end of the test. */
export function runProgram(program: string, args: string[], environment: Environment) {
  const child = spawn(program, args, { cwd: root, env: { ...process.env, ...environment } });
  let [output, printed, errors] = ['', '', ''];
  child.stdout.on('data', (text: Buffer) => {
    output += text.toString();
    printed += text.toString();
  });
  child.stderr.on('data', (text: Buffer) => {
    output += text.toString();
    errors += text.toString();
  });
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => code ?? signal);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    pid: child.pid ?? 0,
    /** Its stdout and stderr, which may be interleaved in a different order than written. */
    output: () => output,
    /** Its stdout. */
    printed: () => printed,
    /** Its stderr. */
    errors: () => errors,
    /**
     * Waits for its exit code, or the signal that ended it.
     * @throws with its output after the limit, 60 s by default
     */
    ended: (limitMs?: number) =>
      within(ended, () => `the end of ${[program, ...args].join(' ')}, which wrote so far\n${output}`, limitMs),
    kill: (signal: NodeJS.Signals) => child.kill(signal),
  };
}

/** Starts Muster on a data folder and waits until it is ready. */
export async function startCommand(data: string, environment: Record<string, string> = {}) {
  const script = runScript('local/main.ts', { MUSTER_DATA: data, PORT: '0', ...environment });
  const file = join(data, 'local.json');
  const wait = patience(() => `Muster to start: ${script.output()}`);
  for (;;) {
    const local = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as LocalFile) : undefined;
    if (local?.pid === script.pid) return { ...script, ...local };
    wait();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
