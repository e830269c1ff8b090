import { createInterface } from 'node:readline';

/** Whether there is a person to ask. */
export const canAsk = () => process.stdin.isTTY && process.stderr.isTTY;

/** Asks a question on the terminal. Only y and yes agree; the end of input does not. */
export async function agrees(question: string): Promise<boolean> {
  process.stderr.write(`${question} [y/N] `);
  // The terminal mode is unchanged, so that Ctrl-C ends the process.
  for await (const line of createInterface({ input: process.stdin, terminal: false })) {
    return /^y(es)?$/i.test(line.trim());
  }
  return false;
}
