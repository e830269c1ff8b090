import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a program that ends when this process ends, even by kill -9: `read` returns as soon as nobody holds the other
 * end of the pipe. The shell reaps the program, so that its pid is free once the shell is gone, and removes its files.
 * These are private to their owner.
 */
const untilParentEnds = `
umask 077
"$0" "$@" >&2 &
program=$!
echo "$program"
exec 2>/dev/null
read -r _
kill "$program"
wait "$program"
rm -rf "$LEFT_BEHIND"
`;

export interface ChildProcess {
  readonly pid: number;
  /** Resolves with the program's last output when it has ended for any reason. */
  readonly ended: Promise<string>;
  /** Ends the program; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Starts a program that ends with this process. `removedPath` is removed afterward. */
export async function startChildProcess(
  command: string,
  args: readonly string[],
  removedPath: string,
): Promise<ChildProcess> {
  const shell = spawn('sh', ['-c', untilParentEnds, command, ...args], {
    // Its own process group: Ctrl-C then reaches only this process, which stops its engines last.
    detached: true,
    env: { ...process.env, LEFT_BEHIND: removedPath },
  });
  const shellExit = once(shell, 'exit');
  // Only the program holds this pipe, so it closes when the program ends.
  const output = lastOf(shell.stderr);
  const [firstLine] = (await once(shell.stdout, 'data')) as [Buffer];
  shell.stdout.resume();

  return {
    pid: Number(firstLine.toString()),
    ended: output,
    async stop() {
      shell.stdin.end();
      await shellExit;
    },
  };
}

const keptCharacters = 4_000;

async function lastOf(stream: NodeJS.ReadableStream): Promise<string> {
  let last = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) last = (last + String(chunk)).slice(-keptCharacters);
  return last;
}
