import { readTraceparent } from '#shared/contract/trace-context.ts';
import type { Operation } from '#shared/contract/operation.ts';
import { fieldsOf } from './fields.ts';

/**
 * The input, in the trace of the request where it names none itself. Tracing must never be why a request fails: unlike the field, a header
 * that is not valid is ignored.
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
