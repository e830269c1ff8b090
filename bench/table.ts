/** A measured number and its maximum. */
export interface Line {
  what: string;
  measured: number;
  budget?: number;
  note?: string;
}

const shown = (number: number) => (Number.isInteger(number) ? String(number) : number.toFixed(2));

/**
 * Prints a table of numbers and marks those over budget.
 * @returns how many are over budget
 */
export function printLines(title: string, lines: readonly Line[]): number {
  if (lines.length === 0) return 0;
  console.log(`\n${title}`);
  const width = Math.max(...lines.map(({ what }) => what.length));
  for (const { what, measured, budget, note } of lines) {
    const isOver = budget !== undefined && measured > budget;
    const limit = budget === undefined ? '' : `budget ${shown(budget).padStart(6)}  ${isOver ? 'OVER' : 'ok'}`;
    console.log(
      `  ${what.padEnd(width)}  ${shown(measured).padStart(8)}  ${limit}${note ? `  ${note}` : ''}`.trimEnd(),
    );
  }
  return lines.filter(({ measured, budget }) => budget !== undefined && measured > budget).length;
}
