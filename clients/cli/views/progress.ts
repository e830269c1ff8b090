import type { OutputOf } from '../../sdk/index.ts';
import { paintStatus } from './paint.ts';
import { percent } from './tables.ts';

type Graph = OutputOf<'get_graph'>;

const barWidth = 24;
const clearLine = '\r\u001B[K';

/** The progress of a graph: on a terminal a bar below the list of changes, elsewhere a line. */
export class Progress {
  #isBarOpen = false;

  /** @param changed a line for each changed task */
  show(graph: Graph, changed: readonly string[]): void {
    if (!process.stdout.isTTY) {
      for (const line of changed) console.log(line);
      console.log(`${new Date().toISOString()}  ${summaryOf(graph, (_, text) => text)}`);
      return;
    }
    // Ctrl-C ends the process in the middle of the line.
    if (!this.#isBarOpen) process.once('exit', this.#endLine);
    this.#isBarOpen = true;
    for (const line of changed) process.stdout.write(`${clearLine}${line}\n`);
    process.stdout.write(clearLine + barLine(graph));
  }

  /** Leaves the bar in place and continues below it. */
  end(): void {
    if (!this.#isBarOpen) return;
    process.removeListener('exit', this.#endLine);
    this.#isBarOpen = false;
    this.#endLine();
  }

  readonly #endLine = () => void process.stdout.write('\n');
}

/** At most one line of the terminal: a wrapped line cannot be overwritten. */
function barLine(graph: Graph): string {
  const full = Math.floor(graph.done_fraction * barWidth);
  const bar = `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} `;
  const room = process.stdout.columns - bar.length - 1;
  const plain = summaryOf(graph, (_, text) => text);
  return bar + (plain.length > room ? plain.slice(0, Math.max(0, room)) : summaryOf(graph, paintStatus));
}

function summaryOf({ counts, total, done_fraction }: Graph, paint: (status: string, text: string) => string): string {
  const others = Object.entries(counts)
    .filter(([status, count]) => count > 0 && status !== 'completed')
    .map(([status, count]) => paint(status, `${count} ${status}`));
  return [`${counts.completed}/${total} completed, ${percent(done_fraction)}`, ...others].join('  ');
}
