import type { OperationName } from './operation-methods.ts';
import { routes, type Route } from './routes.ts';

/** The HTTP request that performs an operation. */
export interface MusterRequest {
  operation: OperationName;
  method: Route['method'];
  /** Includes the query. */
  path: string;
  body?: Record<string, unknown>;
  /** Whether sending it twice has the same effect as sending it once. */
  repeatable: boolean;
}

type Fields = Record<string, unknown>;

/**
 * Distributes the fields of an input: to the path those it names, the rest to the body of a POST or else to the query,
 * with lists separated by commas. A new task without an idempotency key gets one, so that the request can be repeated.
 * @throws TypeError if a field of the path is missing
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
