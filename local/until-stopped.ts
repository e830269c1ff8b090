import { rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { writePrivateJson } from './data/private-file.ts';
import type { Muster } from './start-assembled.ts';
import { describeProblem, readyMessage } from './terminal.ts';

export interface Program {
  /** The data folder. */
  data: string;
  /** As given. */
  port: string;
  /** The setting or option that sets the port. */
  portSetting: string;
  /** The command that starts it on another port. */
  withPort: (port: number) => string;
  start: (options: StartSettings) => Promise<Muster>;
  /**
   * Runs alongside until it is stopped.
   * @returns a function that ends it
   */
  alongside?: (muster: Muster) => () => Promise<void>;
}

interface StartSettings {
  data: string;
  port: number;
  dashboard: true;
  /** Prints the steps that take time before Muster is ready. */
  say: (step: string) => void;
}

/** Runs Muster until a signal stops it, and prints how to use it. The process ends with it. */
export async function runUntilStopped(program: Program): Promise<void> {
  // As on Lambda. Workers share the time zone of their process.
  process.env['TZ'] = 'UTC';
  const data = resolve(program.data);
  /** Shortened for display. */
  const displayedPath = relative('.', data).startsWith('..') ? data : relative('.', data);
  const readyFile = join(data, 'local.json');
  try {
    const port = portFrom(program.port, program.portSetting);
    say('Starting Muster');
    const muster = await program.start({ data, port, say, dashboard: true });
    let stopAlongside = () => Promise.resolve();
    stopOnSignal(muster, displayedPath, async () => {
      rmSync(readyFile, { force: true });
      await stopAlongside();
      await muster.stop();
    });
    writePrivateJson(readyFile, { url: muster.url, pid: process.pid, data, keys: muster.keys });
    console.log(readyMessage(muster, displayedPath));
    stopAlongside = program.alongside?.(muster) ?? stopAlongside;
  } catch (error) {
    console.error(describeProblem(error, program.withPort));
    process.exit(1);
  }
}

const say = (step: string): void => console.log(`${step} ...`);

/** Ctrl-C or SIGTERM: the first stops after open requests are answered, the second at once. */
function stopOnSignal(muster: Muster, displayedPath: string, leave: () => Promise<void>): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(130);
    stopping = true;
    console.log(`\nStopping on ${signal}. The data stays in ${displayedPath}.`);
    leave().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  void muster.engine.ended.then((lastOutput) => {
    if (stopping) return;
    console.error(`The DynamoDB engine exited unexpectedly; restart Muster. Its last output:\n${lastOutput}`);
    process.exit(1);
  });
}

function portFrom(text: string, setting: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535 && text !== '') return port;
  throw new Error(`${setting} is "${text}". Set it to a number from 0 (any free port) to 65535.`);
}
