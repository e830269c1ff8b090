import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { within } from './patience.ts';

export const command = join(import.meta.dirname, '..', '..', 'clients', 'cli', 'bin', 'muster.js');

/** Variables that would select another Muster, or color the output. */
const notInherited = ['MUSTER_URL', 'MUSTER_KEY', 'MUSTER_DATA', 'MUSTER_PROFILE', 'FORCE_COLOR', 'NO_COLOR'];

export interface CliOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Its stdin. */
  input?: string;
  /** Run it on a terminal, with all output in stdout. Linux only. */
  isTerminal?: boolean;
  /** Options of Node.js. */
  nodeOptions?: readonly string[];
}

/** Starts the command line, until the end of the test. Without settings it finds no Muster and no profiles. */
export function startCli(args: readonly string[], options: CliOptions = {}) {
  const { env = {}, cwd = temporaryFolder(), input = '', isTerminal = false, nodeOptions = [] } = options;
  const inherited = Object.entries(process.env).filter(([name]) => !notInherited.includes(name));
  const words = [process.execPath, ...nodeOptions, command, ...args];
  const [program = '', ...rest] = isTerminal ? ['script', '-qec', words.join(' '), '/dev/null'] : words;
  const child = spawn(program, rest, {
    cwd,
    env: { ...Object.fromEntries(inherited), XDG_CONFIG_HOME: cwd, ...env },
  });
  child.stdin.end(input);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
  }
  const inTime = <T>(promise: Promise<T>, what: string) =>
    within(promise, () => `${what} of muster ${args.join(' ')}, which said so far\n${said.stdout}${said.stderr}`);
  const began = once(child.stdout, 'data');
  const ended = once(child, 'close').then(([code]: unknown[]) => ({ code: code as number | null, ...said }));
  // Its folder is removed after its end.
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    child,
    /** Waits until it writes to stdout. */
    began: () => inTime(began, 'the output'),
    /**
     * Waits for its end.
     * @returns its output
     */
    ended: () => inTime(ended, 'the end'),
  };
}

/** Runs the command line and returns its output. */
export const runCli = (args: readonly string[], options?: CliOptions) => startCli(args, options).ended();

/** A folder that is removed at the end of the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Parses NDJSON. */
export function linesOf<T>(output: string): T[] {
  return output
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}
