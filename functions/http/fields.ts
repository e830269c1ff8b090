import * as z from 'zod';
import type { Operation } from '#shared/contract/operation.ts';

export type FieldSchema = z.core.JSONSchema.BaseSchema;

const fieldsByOperation = new Map<Operation, Map<string, FieldSchema>>();

/**
 * The fields of an operation's input, from its JSON Schema: the internals of zod objects are not meant to be inspected.
 */
export function fieldsOf(operation: Operation): Map<string, FieldSchema> {
  let fields = fieldsByOperation.get(operation);
  if (!fields) {
    const { properties } = z.toJSONSchema(operation.input, { io: 'input' });
    fields = new Map(Object.entries(properties ?? {}) as [string, FieldSchema][]);
    fieldsByOperation.set(operation, fields);
  }
  return fields;
}
