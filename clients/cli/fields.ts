import { buffer } from 'node:stream/consumers';
import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import * as z from 'zod';
import { changedByParsing, changedNumber } from '#shared/contract/json-text.ts';
import type { Operation } from '#shared/contract/operation.ts';
import { operations } from '#shared/contract/operations.ts';
import type { OperationName } from '../sdk/index.ts';
import { wrongUsage } from './failure.ts';
import { textIn } from './text-file.ts';

/** The JSON Schema of an input field. */
interface FieldSchema {
  type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  format?: string;
  enum?: string[];
  minLength?: number;
  pattern?: string;
  items?: FieldSchema;
  required?: string[];
  anyOf?: FieldSchema[];
  default?: unknown;
  description?: string;
}

/** The notation of a field's values. */
type Kind = 'text' | 'time' | 'n' | 'flag' | 'a,b' | 'json';

export interface Field {
  name: string;
  kind: Kind;
  schema: FieldSchema;
  isRequired: boolean;
}

/** The row of an operation in the table. */
export const rowOf = (name: OperationName) => operations.find((row) => row.name === name) as Operation;

/** The fields of an operation's input, path parameters first. */
export function fieldsOf(name: OperationName): Field[] {
  const { properties = {}, required = [] } = z.toJSONSchema(rowOf(name).input, { io: 'input' });
  return Object.entries(properties).map(([field, schema]) => ({
    name: field,
    kind: kindOf(schema as FieldSchema),
    schema: schema as FieldSchema,
    isRequired: required.includes(field),
  }));
}

/** Whether a field is a path parameter of the operation. */
export const isInPath = (name: OperationName, field: string) => rowOf(name).route.includes(`{${field}}`);

function kindOf({ type, format, items, anyOf }: FieldSchema): Kind {
  if (type === 'string') return format === 'date-time' ? 'time' : 'text';
  if (anyOf) return anyOf.some((option) => option.type === 'array') ? 'a,b' : 'time';
  if (type === 'integer' || type === 'number') return 'n';
  if (type === 'boolean') return 'flag';
  return type === 'array' && optionsOf(items).some((item) => item.type === 'string') ? 'a,b' : 'json';
}

const optionsOf = (schema: FieldSchema | undefined): FieldSchema[] => schema?.anyOf ?? (schema ? [schema] : []);

export function addArgument(command: Command, { name, schema, isRequired }: Field): void {
  command.addArgument(new Argument(isRequired ? `<${name}>` : `[${name}]`, schema.description));
}

/** Adds the option for a field: `--task-type <text>` for task_type. A flag that defaults to true is `--no-start`. */
export function addOption(command: Command, { name, kind, schema, isRequired }: Field): Option {
  const long = name.replaceAll('_', '-');
  const isOn = schema.default === true;
  const flags = kind === 'flag' ? `--${isOn ? 'no-' : ''}${long}` : `--${long} <${kind}>`;
  const names = namesIn(schema.items);
  const description =
    schema.description?.replace(/^false: /, '').replace(`{${names.join(', ')}}`, names.join('=')) ?? '';
  const option = new Option(flags, [description, isRequired && '(required)'].filter(Boolean).join(' '));
  if (schema.enum) option.choices(schema.enum);
  if (kind === 'a,b') option.argParser(listOf(schema.anyOf?.find(({ enum: choices }) => choices)?.enum));
  if (kind !== 'flag' && !isEmptyList(schema.default)) option.default(schema.default);
  option.makeOptionMandatory(isRequired);
  command.addOption(option);
  return option;
}

/** Reads a list, separated by commas or spread over several options. */
const listOf = (choices: string[] | undefined) => (given: string, before?: string) => {
  const unknown = given.split(',').find((part) => choices && !choices.includes(part.trim()));
  if (unknown !== undefined) throw new InvalidArgumentError(`Allowed choices are ${choices?.join(', ')}.`);
  return before === undefined ? given : `${before},${given}`;
};

const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0;

/**
 * The value of a field as given on the command line; `-` reads it from stdin.
 * @throws Failure if it cannot be read
 */
export async function valueOf({ name, kind, schema }: Field, written: unknown): Promise<unknown> {
  if (typeof written !== 'string') return written;
  // Node.js replaces bytes that are not UTF-8 by this character, so the original is lost.
  if (written.includes('\uFFFD'))
    throw wrongUsage(`${name} is not valid UTF-8.`, 'Pass the text on stdin instead, as -.');
  const value = written === '-' ? await readStdin() : written;
  if (value.trim() === '' && !isProse(kind, schema)) throw wrongUsage(`${name} is empty.`);
  if (kind === 'a,b') return value.split(',').map((part) => itemFrom(part.trim(), schema.items));
  if (kind === 'n') return numberFrom(name, value);
  return kind === 'json' ? jsonFrom(name, value, schema) : value;
}

const namesIn = (items: FieldSchema | undefined) =>
  optionsOf(items).find(({ type }) => type === 'object')?.required ?? [];

/** An item of a list: a name or, if the list allows it, an object of two strings written as `name=value`. */
function itemFrom(part: string, items: FieldSchema | undefined): unknown {
  const names = namesIn(items);
  const texts = part.split('=');
  if (names.length === 0 || texts.length !== names.length) return part;
  return Object.fromEntries(names.map((name, n) => [name, texts[n]]));
}

/** Whether it is text for people, which Muster accepts unchanged, without requirements. */
const isProse = (kind: Kind, { minLength, pattern, enum: choices }: FieldSchema) =>
  kind === 'text' && minLength === undefined && pattern === undefined && choices === undefined;

/**
 * All of stdin as UTF-8, without the trailing line break that `echo` adds.
 * @throws Failure if it is not UTF-8
 */
export async function readStdin(): Promise<string> {
  return textIn(await buffer(process.stdin), 'stdin').replace(/\r?\n$/, '');
}

function numberFrom(name: string, value: string): number {
  const number = Number(value);
  const changed = Number.isFinite(number) ? changedNumber(value.trim()) : undefined;
  if (changed !== undefined) throw wrongUsage(`${name} ${changed}.`);
  if (!Number.isFinite(number)) throw wrongUsage(`${name} must be a number, not "${value}".`);
  return number;
}

function jsonFrom(name: string, value: string, { type }: FieldSchema): unknown {
  const parsed = parsedJson(value);
  if (parsed === undefined) {
    // If any JSON is allowed, a bare word is taken as text, which saves writing '"done"'.
    if (type === undefined && !startsLikeJson.test(value)) return value;
    throw wrongUsage(`${name} is not valid JSON: ${value.slice(0, 100)}`, `Write it as '{"name": "value"}'.`);
  }
  const [changed] = changedByParsing(value);
  if (changed) throw wrongUsage(`${[name, ...changed.path].join('/')} ${changed.message}.`);
  return parsed.value;
}

const startsLikeJson = /^\s*[[{"]/;

function parsedJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
