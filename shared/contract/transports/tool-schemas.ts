import * as z from 'zod';
import { isDoneAsAgent, type Operation } from '../operation.ts';

/** The JSON Schema of an argument; 2020-12, which MCP assumes if no dialect is named. */
export type ArgumentSchema = z.core.JSONSchema.BaseSchema;

/** The arguments of a tool, by name. */
export interface ArgumentsSchema extends ArgumentSchema {
  type: 'object';
  properties: Record<string, ArgumentSchema>;
  required: string[];
}

/** The arguments of all operations of a tool; required are those that all of them require. */
export function argumentsOf(members: readonly Operation[]): ArgumentsSchema {
  const [first, ...others] = members.map(argumentsOfOne);
  return {
    type: 'object',
    properties: Object.assign({}, first?.properties, ...others.map(({ properties }) => properties)) as Record<
      string,
      ArgumentSchema
    >,
    required: first?.required.filter((name) => others.every(({ required }) => required.includes(name))) ?? [],
    additionalProperties: false,
  };
}

const ownAgent = 'Defaults to the agent that the key belongs to';

/** The agent is optional: `perform` fills in the agent of the caller's key. */
function argumentsOfOne(row: Operation): Pick<ArgumentsSchema, 'properties' | 'required'> {
  const { $defs = {}, ...schema } = z.toJSONSchema(row.input, { io: 'input', override: shorten });
  const { properties = {}, required = [] } = resolve(schema, $defs) as Partial<ArgumentsSchema>;
  if (properties['agent_id'] === undefined || !isDoneAsAgent(row)) return { properties, required };
  const agent_id = { ...properties['agent_id'], description: ownAgent };
  return { properties: { ...properties, agent_id }, required: required.filter((name) => name !== 'agent_id') };
}

/** References are inlined, because some clients do not follow them. */
function resolve(value: unknown, definitions: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, definitions));
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value) return resolve(definitions[String(value.$ref).replace('#/$defs/', '')], definitions);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolve(inner, definitions)]));
}

/**
 * Any JSON value, spelled out as types: clients send an argument without a type as text, and some refuse an array
 * without `items`.
 */
const anyJson = { type: ['object', 'array', 'string', 'number', 'boolean', 'null'], items: {} };

/**
 * Keywords that tell a model no more than types, formats, ranges and descriptions do; a call that breaks such a rule is
 * refused with an explanation.
 */
const omittedKeywords = [
  'pattern',
  'examples',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'propertyNames',
  'exclusiveMinimum',
  'id',
  '$schema',
] as const;

/** The list of all tools has to fit into a model's context. */
function shorten({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: ArgumentSchema }): void {
  for (const name of omittedKeywords) Reflect.deleteProperty(jsonSchema, name);
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.additionalProperties !== undefined && jsonSchema.additionalProperties !== false) {
    delete jsonSchema.additionalProperties;
  }
  if (zodSchema._zod.def.type === 'unknown') Object.assign(jsonSchema, anyJson);
  mergeOptions(jsonSchema);
  for (const [name, property] of Object.entries(jsonSchema.properties ?? {})) {
    if (typeof property === 'object' && repeatsName(property, name)) delete property.description;
  }
}

/** `task_id`: Task id */
const repeatsName = ({ description }: ArgumentSchema, name: string) =>
  description?.toLowerCase().replaceAll(' ', '_') === name;

/** Merges a choice between primitive types into one schema with several types. */
function mergeOptions(schema: ArgumentSchema): void {
  const { anyOf } = schema;
  const isPlain = (option: ArgumentSchema) =>
    typeof option.type === 'string' && !['object', 'array'].includes(option.type) && !option.enum;
  if (!anyOf?.every(isPlain)) return;
  delete schema.anyOf;
  const type = [...new Set(anyOf.map((option) => option.type))];
  Object.assign(schema, ...anyOf, { type: type.length === 1 ? type[0] : type, ...schema });
}
