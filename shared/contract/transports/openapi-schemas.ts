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

/**
 * Leaves out what says nothing to a reader: the pattern of a date-time, the range of all whole numbers, ids. A union by one field,
 * such as a task by its status, becomes one object: eight near copies of it would hide what they have in common.
 */
export function simplify({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: JsonSchema }): void {
  if (zodSchema._zod.def.type === 'union' && 'discriminator' in zodSchema._zod.def) flatten(jsonSchema);
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  const names = jsonSchema.propertyNames;
  if (typeof names === 'object' && Object.keys(names).length === 1) delete jsonSchema.propertyNames;
  delete jsonSchema['id'];
}

/** Makes one object of several: with the fields of all, of which those are required that all require. */
function flatten(union: JsonSchema): void {
  const members: readonly JsonSchema[] = union.oneOf ?? union.anyOf ?? [];
  delete union.oneOf;
  delete union.anyOf;
  const names = [...new Set(members.flatMap(({ properties = {} }) => Object.keys(properties)))];
  union.type = 'object';
  union.properties = Object.fromEntries(
    names.map((name) => [name, anyOf(members.flatMap((member) => propertyOf(member, name)))]),
  );
  union.required = names.filter((name) => members.every(({ required }) => required?.includes(name)));
}

const propertyOf = ({ properties = {} }: JsonSchema, name: string): JsonSchema[] => {
  const property = properties[name];
  return typeof property === 'object' ? [property] : [];
};

/** What any of several schemas allows, as shortly as possible. */
function anyOf(schemas: readonly JsonSchema[]): JsonSchema {
  if (schemas.every((schema) => schema.const !== undefined)) {
    return { type: 'string', enum: schemas.map((schema) => schema.const as string) };
  }
  const alternatives = schemas.flatMap((schema) => schema.anyOf ?? [schema]);
  const distinct = [...new Map(alternatives.map((schema) => [JSON.stringify(schema), schema])).values()];
  const [only] = distinct;
  return only && distinct.length === 1 ? only : { anyOf: distinct };
}
