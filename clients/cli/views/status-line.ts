import { printable } from '#shared/contract/printable.ts';

const clearLine = '\r\u001B[K';

/** Says on stderr how far something long is, in one line of the terminal that is written over. Elsewhere it says nothing. */
export class StatusLine {
  #isOpen = false;

  show(text: string): void {
    if (!process.stderr.isTTY) return;
    this.#isOpen = true;
    process.stderr.write(clearLine + printable(text).slice(0, process.stderr.columns - 1));
  }

  /** Takes the line away. */
  end(): void {
    if (this.#isOpen) process.stderr.write(clearLine);
    this.#isOpen = false;
  }
}
