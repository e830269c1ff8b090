import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';

const mark = '--- end of the answer ---';

/** One bash that keeps its variables and functions from command to command, as a person's terminal does. */
export class Shell {
  readonly #child: ChildProcessWithoutNullStreams;
  #said = '';

  constructor(cwd: string) {
    this.#child = spawn('bash', ['--noprofile', '--norc'], { cwd, detached: true });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    }
  }

  /** What the commands print. */
  async run(commands: string): Promise<string> {
    this.#said = '';
    this.#child.stdin.write(`${commands}\necho '${mark}'\n`);
    while (!this.#said.includes(mark)) await once(this.#child.stdout, 'data');
    return this.#said.slice(0, this.#said.indexOf(mark));
  }

  /** Ends it with what it started, also in the middle of a command. */
  async end(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    process.kill(-pid, 'SIGKILL');
    await ended;
  }
}
