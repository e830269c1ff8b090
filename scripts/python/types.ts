/** Python types for schemas. */
import { codes } from '#shared/contract/problem.ts';
import type { JsonSchema } from '#shared/contract/transports/openapi-schemas.ts';
import { quoted } from './text.ts';

/** Requests accept any sequence or mapping; responses contain lists and dicts. */
export type Direction = 'sent' | 'answered';

/** Declares a class for a nested object and returns its name. */
type Declare = (schema: JsonSchema, name: string) => string;

export class PythonTypes {
  readonly #direction: Direction;
  readonly #declare: Declare;

  constructor(direction: Direction, declare: Declare) {
    this.#direction = direction;
    this.#declare = declare;
  }

  /** @param name for an object without a name of its own */
  of(schema: JsonSchema, name: string): string {
    if (schema.$ref !== undefined) return referred(schema);
    if (schema.const !== undefined) return `Literal[${quoted(schema.const)}]`;
    if (schema.enum?.every((value) => String(value) in codes)) return 'ErrorCode';
    if (schema.enum) return `Literal[${schema.enum.map(quoted).join(', ')}]`;
    if (schema.allOf) return this.#declare(schema, name);
    const members = schema.oneOf ?? schema.anyOf;
    if (members) return this.#union(schema, members, name);
    if (schema.type === 'array') return this.#list(schema, name);
    if (schema.type === 'object') return this.#object(schema, name);
    if (schema.type === 'string') return schema.format === 'date-time' ? this.#instant() : 'str';
    return { boolean: 'bool', integer: 'int', number: 'float', null: 'None' }[String(schema.type)] ?? 'Any';
  }

  #union(schema: JsonSchema, members: readonly JsonSchema[], name: string): string {
    const areObjects = members.every(({ properties }) => properties !== undefined);
    if (areObjects) return this.#declare(schema, name);
    const types = members.map((member) => this.of(member, name)).sort(nullLast);
    return [...new Set(types.flatMap((type) => type.split(' | ')))].join(' | ');
  }

  #list({ items }: JsonSchema, name: string): string {
    const item = isSchema(items) ? this.of(items, singular(name)) : 'Any';
    return this.#direction === 'sent' ? `Sequence[${item}]` : `list[${item}]`;
  }

  #object(schema: JsonSchema, name: string): string {
    const { properties, additionalProperties } = schema;
    if (properties !== undefined && !isSchema(additionalProperties)) return this.#declare(schema, name);
    const isUniform = properties === undefined && isSchema(additionalProperties);
    const value = isUniform ? this.of(additionalProperties, singular(name)) : 'Any';
    return this.#direction === 'sent' ? `Mapping[str, ${value}]` : `dict[str, ${value}]`;
  }

  #instant = () => (this.#direction === 'sent' ? 'datetime | str' : 'datetime');
}

export const referred = ({ $ref = '' }: JsonSchema) => $ref.slice($ref.lastIndexOf('/') + 1);

export const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && !Array.isArray(value);

/** The singular of a field name. */
const singular = (name: string) =>
  name.endsWith('ies')
    ? `${name.slice(0, -3)}y`
    : name.endsWith('s') && !name.endsWith('ss')
      ? name.slice(0, -1)
      : name;

const nullLast = (one: string, other: string) => Number(one === 'None') - Number(other === 'None');

/** What a description adds to the name of the field and its type. */
export function docOf(name: string, schema: JsonSchema): string {
  const { description = '' } = schema;
  const isName = description.toLowerCase() === name.replaceAll('_', ' ');
  return isName || description === 'RFC 3339 timestamp' ? '' : description;
}
