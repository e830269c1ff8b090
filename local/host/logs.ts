import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { join } from 'node:path';
import { printable } from '#shared/contract/printable.ts';
import { privateFile, privateFolder } from '../data/private-file.ts';

/** The log of one function. */
export interface FunctionLog {
  /** Accepts text in pieces of any size and stores whole lines. */
  write(text: string): void;
}

const toTerminal = new Set(['WARN', 'ERROR', 'CRITICAL']);

/** What the terminal shows of a line in Lambda's JSON format; undefined for other lines. */
function terminalLine(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry = JSON.parse(line) as { level?: unknown; message?: unknown; errorMessage?: unknown; error?: unknown };
    const level = String(entry.level).toUpperCase();
    if (!toTerminal.has(level)) return undefined;
    const { message: cause = entry.errorMessage } = (entry.error ?? {}) as { message?: unknown };
    return `${level} ${[entry.message, cause].filter((part) => typeof part === 'string').join(': ')}`;
  } catch {
    return undefined;
  }
}

const nowhere: FunctionLog = { write: () => undefined };

/** One file per function, `<folder>/<function>.log`; warnings and errors also go to the terminal unless quiet. */
export class FunctionLogs {
  readonly #folder: string;
  readonly #quiet: boolean;
  readonly #open = new Map<string, FunctionLog & { file: WriteStream }>();
  #isClosed = false;

  constructor(folder: string, quiet: boolean) {
    this.#folder = privateFolder(folder);
    this.#quiet = quiet;
  }

  of(label: string): FunctionLog {
    const known = this.#open.get(label);
    if (known) return known;
    if (this.#isClosed) return nowhere;
    const file = createWriteStream(privateFile(join(this.#folder, `${label}.log`)), { flags: 'a' });
    let rest = '';
    const write = (text: string): void => {
      if (this.#isClosed) return;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.map(printable)) {
        file.write(`${line}\n`);
        const short = this.#quiet ? undefined : terminalLine(line);
        // Parsing the file's JSON has removed the escapes.
        if (short !== undefined) console.error(`${label}: ${printable(short)}`);
      }
    };
    const log = { file, write };
    this.#open.set(label, log);
    return log;
  }

  /** Anything written later is dropped, since the folder may be gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(
      [...this.#open.values()].map(({ file }) => new Promise<void>((resolve) => file.end(() => resolve()))),
    );
  }
}
