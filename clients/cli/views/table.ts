import { printable } from '#shared/contract/printable.ts';
import { paint } from './paint.ts';

export interface Column<Row> {
  title: string;
  value: (row: Row) => string | number | null | undefined;
  /** Colors an already padded cell. */
  paint?: (cell: string, row: Row) => string;
}

const gap = '  ';

/** Rows in aligned columns with titles. On a terminal, the last column is truncated to fit. */
export function table<Row>(given: readonly Column<Row>[], rows: readonly Row[]): string {
  const columns = given.map((column) => ({ ...column, title: oneLine(column.title) }));
  const cells = rows.map((row) => columns.map(({ value }) => oneLine(value(row))));
  const widths = columns.map(({ title }, index) => {
    return Math.max(title.length, ...cells.map((line) => line[index]?.length ?? 0));
  });
  const room = roomForLast(widths);
  const fitted = (cell: string, index: number) => {
    if (index < columns.length - 1) return cell.padEnd(widths[index] ?? 0);
    return cell.length > room ? `${cell.slice(0, room - 1)}…` : cell;
  };
  const title = columns.map((column, index) => paint('bold', fitted(column.title, index))).join(gap);
  const lines = rows.map((row, line) => {
    return columns.map((column, index) => {
      const cell = fitted(cells[line]?.[index] ?? '', index);
      return column.paint ? column.paint(cell, row) : cell;
    });
  });
  return [title, ...lines.map((line) => line.join(gap).trimEnd())].join('\n');
}

function roomForLast(widths: readonly number[]): number {
  if (!process.stdout.isTTY) return Infinity;
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + gap.length, 0);
  return Math.max(10, process.stdout.columns - before);
}

const oneLine = (value: string | number | null | undefined) => printable(String(value ?? '-')).replaceAll(/\s+/g, ' ');
