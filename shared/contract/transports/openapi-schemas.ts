import * as z from 'zod';
import { GraphDependency, GraphTask } from '../graphs.ts';
import { lazy } from '../lazy.ts';
import * as nouns from '../nouns.ts';
import { QueuedTask } from '../task.ts';
import { TaskDependency, TaskInput } from '../tasks.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Schemas without an id that several operations share: a generator makes one type of each. */
const shared = lazy(
  () =>
    new Map<z.core.$ZodType, string>([
      [nouns.Status(), 'TaskStatus'],
      [nouns.Priority(), 'Priority'],
      [nouns.Routing(), 'Routing'],
      [nouns.DependencyPolicy(), 'DependencyPolicy'],
      [nouns.Progress(), 'Progress'],
      [nouns.Metrics(), 'Metrics'],
      [nouns.Role(), 'Role'],
      [TaskInput(), 'TaskInput'],
      [TaskDependency(), 'TaskDependency'],
      [GraphTask(), 'GraphTask'],
      [GraphDependency(), 'GraphDependency'],
      [QueuedTask(), 'QueuedTask'],
    ]),
);

const enumerations = lazy(() => [...shared()].filter((one): one is [z.ZodEnum, string] => one[0] instanceof z.ZodEnum));

/** The zod registry, with these ids added. */
const registry = Object.assign(z.registry<z.core.GlobalMeta>(), {
  get(schema: z.core.$ZodType) {
    const id = shared().get(schema);
    return { ...z.globalRegistry.get(schema), ...(id !== undefined && { id }) };
  },
});

const inComponents = '#/components/schemas/';

/** Converts zod schemas to the JSON Schemas of an OpenAPI document; named ones become components. */
export class OpenApiSchemas {
  readonly components: Record<string, JsonSchema> = {};
  readonly #keepUnions: boolean;

  /** @param options.keepUnions keep a discriminated union, for languages that can narrow it */
  constructor({ keepUnions = false }: { keepUnions?: boolean } = {}) {
    this.#keepUnions = keepUnions;
  }

  /**
   * Uses `io: input` for outputs too: clients must tolerate unknown fields, so outputs are not closed.
   * @param name of the component, if the schema has no id
   */
  of(schema: z.ZodType, name?: string): JsonSchema {
    // Wrapped in an object, so that a schema with an id is referenced as it is everywhere else.
    const { $defs = {}, properties = {} } = z.toJSONSchema(z.object({ schema }), {
      io: 'input',
      metadata: registry,
      override: (context) => {
        if (this.#keepUnions) dropNoise(context.jsonSchema);
        else simplify(context);
        describeDefault(context.jsonSchema);
      },
    });
    for (const [id, definition] of Object.entries($defs))
      this.components[id] ??= withEnumReferences(relocate(definition));
    const found = withEnumReferences(relocate(properties['schema'] as JsonSchema));
    return name === undefined || found.$ref !== undefined ? found : this.name(name, found);
  }

  /** Adds a component. */
  name(name: string, schema: JsonSchema): JsonSchema {
    this.components[name] = schema;
    return { $ref: inComponents + name };
  }

  /** Follows a reference; returns any other schema unchanged. */
  resolve(schema: JsonSchema): JsonSchema {
    return (schema.$ref && this.components[schema.$ref.replace(inComponents, '')]) || schema;
  }
}

const hasSameMembers = (some: readonly unknown[], others: readonly unknown[]) =>
  some.length === others.length && some.every((one) => others.includes(one));

/**
 * Replaces an enumeration that lists the same values as a shared one, such as the statuses of a union, by a reference
 * to it.
 */
function withEnumReferences(schema: JsonSchema): JsonSchema {
  const inside = Object.entries(schema).map(([key, inner]) => [key, withReferences(inner)]);
  return Object.fromEntries(inside) as JsonSchema;
}

function withReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withReferences);
  if (typeof value !== 'object' || value === null) return value;
  const { type: _type, enum: listed, ...others } = value as JsonSchema;
  const name = listed && enumerations().find(([{ options }]) => hasSameMembers(options, listed))?.[1];
  return name === undefined ? withEnumReferences(value as JsonSchema) : { $ref: inComponents + name, ...others };
}

/** States the default in the description: a generator would make the field required, or send the default. */
function describeDefault(schema: JsonSchema): void {
  const { default: byDefault, description } = schema;
  delete schema.default;
  if (byDefault === undefined || hasSameMembers([byDefault].flat(), [])) return;
  const said = `Default: ${typeof byDefault === 'string' ? byDefault : JSON.stringify(byDefault)}`;
  schema.description = description === undefined ? said : `${description}. ${said}`;
}

function relocate<T>(definitions: T): T {
  return JSON.parse(JSON.stringify(definitions).replaceAll('"#/$defs/', '"#/components/schemas/')) as T;
}

/**
 * Drops noise. A discriminated union, such as a task by status, becomes one object: eight near copies would hide what
 * they share.
 */
export function simplify({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: JsonSchema }): void {
  if (zodSchema._zod.def.type === 'union' && 'discriminator' in zodSchema._zod.def) flatten(jsonSchema);
  dropNoise(jsonSchema);
}

/** Drops the pattern of a date-time, the range of all whole numbers, and ids. */
function dropNoise(jsonSchema: JsonSchema): void {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  const names = jsonSchema.propertyNames;
  if (typeof names === 'object' && Object.keys(names).length === 1) delete jsonSchema.propertyNames;
  delete jsonSchema['id'];
}

/** Merges several objects into one that has the fields of all and requires what all of them require. */
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

/** The shortest schema that allows what any of the given ones allows. */
function anyOf(schemas: readonly JsonSchema[]): JsonSchema {
  if (schemas.every((schema) => schema.const !== undefined)) {
    return { type: 'string', enum: schemas.map((schema) => schema.const as string) };
  }
  const alternatives = schemas.flatMap((schema) => schema.anyOf ?? [schema]);
  const distinct = [...new Map(alternatives.map((schema) => [JSON.stringify(schema), schema])).values()];
  const [only] = distinct;
  return only && distinct.length === 1 ? only : { anyOf: distinct };
}
