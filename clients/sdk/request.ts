import type { OperationName } from './operation-methods.ts';
import { routes, type Route } from './routes.ts';

/** The HTTP request that performs an operation. */
export interface MusterRequest {
  operation: OperationName;
  method: Route['method'];
  /** With the query. */
  path: string;
  body?: Record<string, unknown>;
  /** Whether sending it twice does no more than sending it once. */
  repeatable: boolean;
}

type Fields = Record<string, unknown>;

/**
 * Places the fields of an input: in the path what it names, the rest in the body of a POST, else in the query, lists
 * separated by commas. A task to be created gets an idempotency key unless it has one, so that it can be sent again.
 * @throws TypeError when a field of the path is missing
 */
export function requestOf(operation: OperationName, input: object): MusterRequest {
  const { method, path: template } = routes[operation];
  const fields = withIdempotencyKeys(operation, input as Fields);
  const rest = new Map(Object.entries(fields).filter(([, value]) => value !== undefined));
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest.get(name);
    if (typeof value !== 'string' || value === '')
      throw new TypeError(`${operation} requires ${name}, a non-empty string.`);
    rest.delete(name);
    return encodeURIComponent(value);
  });
  const repeatable = isRepeatable(operation, fields);
  if (method === 'POST') return { operation, method, path, body: Object.fromEntries(rest), repeatable };
  const query = new URLSearchParams([...rest].map(([name, value]): [string, string] => [name, String(value)]));
  return { operation, method, path: query.size === 0 ? path : `${path}?${query.toString()}`, repeatable };
}

function withIdempotencyKeys(operation: OperationName, input: Fields): Fields {
  if (operation === 'create_tasks' && Array.isArray(input['tasks'])) {
    return { ...input, tasks: (input['tasks'] as Fields[]).map(withIdempotencyKey) };
  }
  return repeatableWhen(operation) === 'idempotency_key' ? withIdempotencyKey(input) : input;
}

const withIdempotencyKey = (input: Fields): Fields => ({
  ...input,
  idempotency_key: input['idempotency_key'] ?? crypto.randomUUID(),
});

function isRepeatable(operation: OperationName, fields: Fields): boolean {
  const when = repeatableWhen(operation);
  if (typeof when === 'boolean') return when || operation === 'create_tasks';
  return fields[when] !== undefined;
}

const repeatableWhen = (operation: OperationName): Route['repeatable'] => routes[operation].repeatable;
