import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ComponentChildren;
  /** Numbers and times are right-aligned. */
  align?: 'end';
  /** Dropped on narrow screens, the highest first. */
  drop?: 1 | 2 | 3;
  class?: string;
}

interface TableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
}

/** A dense table. On narrow screens it drops columns in a fixed order. */
export const Table = <Row,>({ label, columns, rows, keyOf }: TableProps<Row>) => (
  <div class="table-frame">
    <table aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.title} scope="col" class={classOf(column)}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) => (
              <td key={column.title} class={classOf(column)}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const classOf = <Row,>({ align, drop, class: extra }: Column<Row>) =>
  [extra, align && 'end', drop && `drop-${drop}`].filter(Boolean).join(' ');
