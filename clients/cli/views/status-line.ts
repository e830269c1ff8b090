import { printable } from '#shared/contract/printable.ts';

const clearLine = '\r\u001B[K';

/**
 * Shows the progress of a long operation on stderr, in one line that is overwritten. Silent unless stderr is a
 * terminal.
 */
export class StatusLine {
  #isOpen = false;

  show(text: string): void {
    if (!process.stderr.isTTY) return;
    this.#isOpen = true;
    process.stderr.write(clearLine + printable(text).slice(0, process.stderr.columns - 1));
  }

  /** Removes the line. */
  end(): void {
    if (this.#isOpen) process.stderr.write(clearLine);
    this.#isOpen = false;
  }
}
