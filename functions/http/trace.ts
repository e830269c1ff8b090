import { readTraceparent } from '#shared/contract/trace-context.ts';
import type { Operation } from '#shared/contract/operation.ts';
import { fieldsOf } from './fields.ts';

/**
 * Adds the request's trace to an input that names none. Tracing must never make a request fail: unlike the field, an
 * invalid header is ignored.
 */
export function inTraceOf(
  header: unknown,
  operation: Operation,
  input: Record<string, unknown>,
): Record<string, unknown> {
  const traceparent = readTraceparent(header);
  if (traceparent === undefined || Object.hasOwn(input, 'traceparent')) return input;
  return fieldsOf(operation).has('traceparent') ? { ...input, traceparent } : input;
}
