import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { within } from './patience.ts';

const mark = '--- end of the answer ---';

/** An endless loop prints a lot; its last lines say the most. */
const shownCharacters = 500;

/** A bash that keeps its variables and functions between commands, like a terminal. */
export class Shell {
  readonly #child: ChildProcessWithoutNullStreams;
  #said = '';

  constructor(cwd: string) {
    this.#child = spawn('bash', ['--noprofile', '--norc'], { cwd, detached: true });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    }
  }

  /**
   * Runs commands and returns their output.
   * @throws Error with the output so far after the limit, 60 s by default
   */
  async run(commands: string, limitMs?: number): Promise<string> {
    this.#said = '';
    this.#child.stdin.write(`${commands}\necho '${mark}'\n`);
    const what = () => `an answer, of which there is so far\n${this.#said.slice(-shownCharacters)}\nto\n${commands}`;
    await within(this.#answered(), what, limitMs);
    return this.#said.slice(0, this.#said.indexOf(mark));
  }

  async #answered(): Promise<void> {
    while (!this.#said.includes(mark)) await once(this.#child.stdout, 'data');
  }

  /** Ends the shell and everything it started, even during a command. */
  async end(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    process.kill(-pid, 'SIGKILL');
    await ended;
  }
}
