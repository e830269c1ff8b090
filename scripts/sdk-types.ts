/**
 * `npm run generate`: writes types.ts and methods.ts, the types of every operation, so that the sdk does not need zod.
 * A test checks that they are current.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as prettier from 'prettier';
import { methodName } from '#clients/sdk/operation-methods.ts';
import type { Operation } from '#shared/contract/operation.ts';
import { operations } from '#shared/contract/operations.ts';
import { codes } from '#shared/contract/problem.ts';
import { type JsonSchema, OpenApiSchemas } from '#shared/contract/transports/openapi-schemas.ts';
import { typeName } from '#shared/contract/transports/openapi-responses.ts';

const sdk = resolve(import.meta.dirname, '../clients/sdk');

export const typesFile = resolve(sdk, 'types.ts');
export const methodsFile = resolve(sdk, 'methods.ts');

const heading = '/* Written by `npm run generate` from the table of operations: do not edit. */';

/** The text that types.ts should have. */
export async function typesText(): Promise<string> {
  const { schemas, methods } = described();
  return formatted(`${heading}

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

${Object.entries(schemas.components)
  .map(([name, schema]) => declaration(name, schema))
  .join('\n\n')}

/** Why a request can be refused: \`code\` of a Problem. */
export type Code = ${Object.keys(codes).map(quoted).join(' | ')};

/** Input and output of every operation. */
export interface Operations {
${methods.map(({ name, input, output }) => `${name}: { input: ${input}; output: ${output} };`).join('\n')}
}
`);
}

/** The text that methods.ts should have. */
export async function methodsText(): Promise<string> {
  const { methods } = described();
  return formatted(`${heading}
import type { CallOptions } from './call-options.ts';
import type * as types from './types.ts';

/**
 * One method per operation: createTask for create_task. Each rejects with a MusterError if it is refused or gets no
 * response.
 */
export interface OperationMethods {
${methods.map(method).join('\n\n')}
}
`);
}

function described() {
  const schemas = new OpenApiSchemas({ keepUnions: true });
  const methods = operations.map((operation: Operation) => {
    const input = schemas.of(operation.input, `${typeName(operation.name)}Input`);
    const output = schemas.of(operation.output, `${typeName(operation.name)}Output`);
    const isOptional = (schemas.resolve(input).required ?? []).length === 0;
    return { ...operation, input: typeOf(input), output: typeOf(output), isOptional };
  });
  return { schemas, methods };
}

async function formatted(text: string): Promise<string> {
  const options = await prettier.resolveConfig(typesFile);
  return prettier.format(text, { ...options, parser: 'typescript' });
}

interface Method {
  name: string;
  summary: string;
  description?: string;
  input: string;
  output: string;
  isOptional: boolean;
}

const method = ({ name, summary, description, input, output, isOptional }: Method) =>
  `${comment([summary, description].filter((text) => text !== undefined).join('. '))}${methodName(name)}(input${isOptional ? '?' : ''}: types.${input}, options?: CallOptions): Promise<types.${output}>;`;

function declaration(name: string, schema: JsonSchema): string {
  const type = typeOf(schema);
  const isObject = schema.properties !== undefined && type.startsWith('{');
  return `${comment(schema.description)}export ${isObject ? `interface ${name} ${type}` : `type ${name} = ${type};`}`;
}

/** The TypeScript type of a schema. */
function typeOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.allOf) return schema.allOf.map((part) => `(${typeOf(part)})`).join(' & ');
  const members = schema.oneOf ?? schema.anyOf;
  if (members) return unionOf(members);
  if (schema.type === 'array') return `(${itemsOf(schema)})[]`;
  if (schema.type === 'object') return objectOf(schema);
  if (schema.type === 'integer') return 'number';
  return typeof schema.type === 'string' ? schema.type : 'Json';
}

const itemsOf = ({ items }: JsonSchema) => (isSchema(items) ? typeOf(items) : 'Json');

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && !Array.isArray(value);

/** Fields that all members of a union share are listed once: a task has eight states. */
function unionOf(members: readonly JsonSchema[]): string {
  const shared = Object.entries(members[0]?.properties ?? {}).flatMap(([name, field]) =>
    members.every((member) => isSame(member, name, members[0])) ? [[name, field] as const] : [],
  );
  if (shared.length === 0) return members.map(typeOf).join(' | ');
  const names = new Set(shared.map(([name]) => name));
  const rest = members.map((member) => objectOf(only(member, (name) => !names.has(name))));
  return `${objectOf(only(members[0] ?? {}, (name) => names.has(name)))} & (${rest.join(' | ')})`;
}

const isSame = (one: JsonSchema, field: string, other: JsonSchema = {}) =>
  JSON.stringify(one.properties?.[field]) === JSON.stringify(other.properties?.[field]) &&
  one.required?.includes(field) === other.required?.includes(field);

const only = (schema: JsonSchema, keep: (field: string) => boolean): JsonSchema => ({
  ...schema,
  properties: Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([name]) => keep(name))),
});

function objectOf({ properties, required = [], propertyNames, additionalProperties }: JsonSchema): string {
  if (properties === undefined) {
    const key =
      isSchema(propertyNames) && (propertyNames.enum ?? propertyNames.$ref) ? typeOf(propertyNames) : 'string';
    const isWhole = key === 'string' || required.length > 0;
    const record = `Record<${key}, ${isSchema(additionalProperties) ? typeOf(additionalProperties) : 'Json'}>`;
    return isWhole ? record : `Partial<${record}>`;
  }
  const fields = Object.entries(properties).flatMap(([name, field]) => {
    if (!isSchema(field)) return [];
    const type = required.includes(name) ? `: ${typeOf(field)}` : `?: ${typeOf(field)} | undefined`;
    return [`${comment(field.description)}${name}${type};`];
  });
  // An object without fields accepts none: `{}` would accept anything.
  if (fields.length === 0) return 'Record<string, never>';
  if (isSchema(additionalProperties)) fields.push('[name: string]: Json | undefined;');
  return `{\n${fields.join('\n')}\n}`;
}

const quoted = (text: string) => `'${text}'`;

/** A docstring, if there is anything to say. */
function comment(text: string | undefined): string {
  if (!text) return '';
  const lines = wrap(text.replaceAll('*/', '*\\/'), 110);
  return lines.length === 1
    ? `/** ${lines[0] ?? ''} */\n`
    : `/**\n${lines.map((line) => ` * ${line}`).join('\n')}\n */\n`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

if (import.meta.main) {
  writeFileSync(typesFile, await typesText());
  writeFileSync(methodsFile, await methodsText());
}
