import * as z from 'zod';
import { isDoneAsAgent, type Operation } from '../operation.ts';

/** The JSON Schema (2020-12, which is what MCP takes it for when it names no dialect) of an argument. */
export type ArgumentSchema = z.core.JSONSchema.BaseSchema;

/** The arguments of a tool: an object of named ones. */
export interface ArgumentsSchema extends ArgumentSchema {
  type: 'object';
  properties: Record<string, ArgumentSchema>;
  required: string[];
}

/** What any of the operations of a tool takes; required is what all of them require. */
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

/** `perform` fills in the agent of an agent's key, so that nobody has to give it. */
function argumentsOfOne(row: Operation): Pick<ArgumentsSchema, 'properties' | 'required'> {
  const { $defs = {}, ...schema } = z.toJSONSchema(row.input, { io: 'input', override: shorten });
  const { properties = {}, required = [] } = resolve(schema, $defs) as Partial<ArgumentsSchema>;
  if (properties['agent_id'] === undefined || !isDoneAsAgent(row)) return { properties, required };
  const agent_id = { ...properties['agent_id'], description: ownAgent };
  return { properties: { ...properties, agent_id }, required: required.filter((name) => name !== 'agent_id') };
}

/** References are resolved: there are clients that do not follow them. */
function resolve(value: unknown, definitions: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, definitions));
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value) return resolve(definitions[String(value.$ref).replace('#/$defs/', '')], definitions);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolve(inner, definitions)]));
}

/** Any JSON value, said as types: what has none, clients send as text. Some refuse a list that does not name its items. */
const anyJson = { type: ['object', 'array', 'string', 'number', 'boolean', 'null'], items: {} };

/** Say nothing to a model that types, formats, ranges and descriptions do not: a call that breaks a rule is refused with it. */
const untold = [
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

/** The lists of all tools have to fit into the context of a model. */
function shorten({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: ArgumentSchema }): void {
  for (const name of untold) Reflect.deleteProperty(jsonSchema, name);
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.additionalProperties !== undefined && jsonSchema.additionalProperties !== false) {
    delete jsonSchema.additionalProperties;
  }
  if (zodSchema._zod.def.type === 'unknown') Object.assign(jsonSchema, anyJson);
  mergeOptions(jsonSchema);
  for (const [name, property] of Object.entries(jsonSchema.properties ?? {})) {
    if (typeof property === 'object' && saysItsName(property, name)) delete property.description;
  }
}

/** `task_id`: Task id */
const saysItsName = ({ description }: ArgumentSchema, name: string) =>
  description?.toLowerCase().replaceAll(' ', '_') === name;

/** A choice between plain types is one type with several names. */
function mergeOptions(schema: ArgumentSchema): void {
  const { anyOf } = schema;
  const isPlain = (option: ArgumentSchema) =>
    typeof option.type === 'string' && !['object', 'array'].includes(option.type) && !option.enum;
  if (!anyOf?.every(isPlain)) return;
  delete schema.anyOf;
  const type = [...new Set(anyOf.map((option) => option.type))];
  Object.assign(schema, ...anyOf, { type: type.length === 1 ? type[0] : type, ...schema });
}
