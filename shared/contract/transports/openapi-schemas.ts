import * as z from 'zod';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Turns zod schemas into the JSON Schemas of an OpenAPI document; those that have an id are collected and referred to. */
export class OpenApiSchemas {
  readonly components: Record<string, JsonSchema> = {};

  /** `io: input` also for answers: clients must tolerate fields they do not know, so answers are not closed. */
  of(schema: z.ZodType): JsonSchema {
    // Inside an object, so that a schema with an id is referred to like everywhere else.
    const { $defs = {}, properties = {} } = z.toJSONSchema(z.object({ schema }), { io: 'input', override: simplify });
    Object.assign(this.components, relocate($defs));
    return relocate(properties['schema'] as JsonSchema);
  }
}

function relocate<T>(definitions: T): T {
  return JSON.parse(JSON.stringify(definitions).replaceAll('"#/$defs/', '"#/components/schemas/')) as T;
}

/** Leaves out what says nothing to a reader: the pattern of a date-time, the range of all whole numbers, ids. */
export function simplify({ jsonSchema }: { jsonSchema: JsonSchema }): void {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  const names = jsonSchema.propertyNames;
  if (typeof names === 'object' && Object.keys(names).length === 1) delete jsonSchema.propertyNames;
  delete jsonSchema['id'];
}
