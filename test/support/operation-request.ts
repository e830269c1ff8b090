import type * as z from 'zod';
import { operations, type OperationName } from '#shared/contract/operations.ts';

type Row<N extends OperationName> = Extract<(typeof operations)[number], { name: N }>;
export type InputOf<N extends OperationName> = z.input<Row<N>['input']>;
export type OutputOf<N extends OperationName> = z.output<Row<N>['output']>;

/** The row of an operation in the table. */
export function rowOf(name: OperationName) {
  const row = operations.find((one) => one.name === name);
  if (!row) throw new Error(`There is no operation ${name}.`);
  return row;
}

/**
 * The HTTP request for an operation: fields that its path does not name go into the query of a GET, or else into the
 * body.
 */
export function requestOf(name: OperationName, input: object): { method: string; path: string; body?: object } {
  const [method = '', template = ''] = rowOf(name).route.split(' ');
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const path = template.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    const value = encodeURIComponent(String(rest.get(field)));
    rest.delete(field);
    return value;
  });
  if (method === 'POST') return { method, path, body: Object.fromEntries(rest) };
  const query = new URLSearchParams(
    [...rest].map(([field, value]) => [field, String(value)] as [string, string]),
  ).toString();
  return { method, path: query === '' ? path : `${path}?${query}` };
}
