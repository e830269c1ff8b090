import { isDeepStrictEqual } from 'node:util';
import { invalidInput } from '#shared/contract/problem.ts';
import { parseBody } from './body.ts';
import { inTraceOf } from './trace.ts';
import type { HttpRequest, NamedOperation } from './http-request.ts';
import { readQuery } from './query.ts';

/** Collects the input of an operation from all parts of a request. */
export function readInput(request: HttpRequest, operation: NamedOperation): Record<string, unknown> {
  const input = merge([
    ...Object.entries(request.pathParameters ?? {}),
    ...readQuery(request.rawQueryString, operation),
    ...bodyFields(parseBody(request)),
    ...headerFields(request, operation),
  ]);
  return inTraceOf(request.headers['traceparent'], operation, input);
}

function bodyFields(body: unknown): [string, unknown][] {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return Object.entries(body);
  throw invalidInput([{ path: [], message: 'must be a JSON object' }]);
}

/**
 * If the operation creates tasks, an invalid key must be refused, because its sender will rely on it to repeat the
 * request.
 */
function headerFields({ headers }: HttpRequest, operation: NamedOperation): [string, unknown][] {
  const key = headers['idempotency-key'];
  return key !== undefined && operation.scope === 'tasks:create' ? [['idempotency_key', key]] : [];
}

/** A Map and Object.fromEntries, because assigning to a field named `__proto__` would not create it. */
function merge(fields: [string, unknown][]): Record<string, unknown> {
  const merged = new Map<string, unknown>();
  for (const [name, value] of fields) {
    if (merged.has(name) && !isDeepStrictEqual(merged.get(name), value)) {
      throw invalidInput([{ path: [name], message: 'is given more than once, with different values' }]);
    }
    merged.set(name, value);
  }
  return Object.fromEntries(merged);
}
