import { printable } from '#shared/contract/printable.ts';
import { paintStatus } from './paint.ts';
import { table } from './table.ts';

type Fields = Record<string, unknown>;

/** Fields with arbitrary user data, shown verbatim. */
const freeForm = new Set(['result', 'metadata', 'metrics', 'evidence', 'dependency_results']);

/** More digits of a fraction or of milliseconds mean nothing to people. */
const decimals = 3;

/** All fields of a response, one per line; empty ones are omitted. */
export function details(answer: object): string {
  const shown = Object.entries(answer)
    .filter(([, value]) => !isEmpty(value))
    .map(([name, value]) => [printable(name), value] as const);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown
    .map(([name, value]) => {
      const text = freeForm.has(name) ? json(value) : textOf(name, value);
      return text.includes('\n') ? `${name}\n${indented(text)}` : `${name.padEnd(width)}  ${text}`;
    })
    .join('\n');
}

function textOf(name: string, value: unknown): string {
  if (value === null) return '-';
  if (typeof value === 'string') {
    return name === 'status' || name === 'state' ? paintStatus(printable(value)) : printable(value);
  }
  if (Array.isArray(value)) return listText(value);
  // A line break makes it a block, even if it has only one field.
  if (isFields(value)) return `${details(value)}\n`;
  return typeof value === 'number' ? String(Number(value.toFixed(decimals))) : JSON.stringify(value);
}

function listText(values: readonly unknown[]): string {
  if (!values.every(isFields)) {
    const texts = values.map((value) => printable(String(value)));
    return texts.join(texts.some((text) => text.includes(' ')) ? '\n' : ', ');
  }
  const names = [...new Set(values.flatMap((value) => Object.keys(value)))];
  return table(
    names.map((name) => ({ title: name, value: (row: Fields) => cellOf(row[name]) })),
    values,
  );
}

function cellOf(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  return Array.isArray(value) ? value.join(', ') : JSON.stringify(value);
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEmpty = (value: unknown) =>
  value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

const json = (value: unknown) => printable(typeof value === 'string' ? value : JSON.stringify(value, null, 2));

const indented = (text: string) => text.trimEnd().replaceAll(/^/gm, '  ');
