import * as z from 'zod';
import { invalidInput } from '../contract/problem.ts';
import { nearNames } from '../domain/near-names.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];
type InputSchema = z.core.JSONSchema.BaseSchema;

interface Finding {
  path: Path;
  message: string;
}

/** A problem lists 50 errors (`maxListed`); this many findings are enough to fill it. */
const maxFindings = 200;
const maxShownLength = 40;
/** More fields are not listed, so that a response stays small; they are in the documentation. */
const maxListedFields = 5;
/** Longer than any field name; longer input is near none of them. */
const maxFieldNameLength = 64;

/**
 * Parses an input with its schema. Zod's issues are rephrased: the value, what is allowed, and the nearest known name.
 * Messages defined in a schema are kept.
 * @throws Refusal invalid_input
 */
export function parseInput<I extends z.ZodType>(schema: I, input: unknown): z.output<I> {
  // An empty message marks an issue for which the schema defines no message.
  const parsed = schema.safeParse(input, { error: () => '', reportInput: true });
  if (parsed.success) return parsed.data;
  const root = jsonSchemaOf(schema);
  // One finding per field, the last and most specific one: a number can be both unsafe and above its maximum.
  const byField = new Map<string, Finding>();
  for (const finding of findings(parsed.error.issues, [], root)) {
    byField.set(JSON.stringify(finding.path), finding);
    if (byField.size >= maxFindings) break;
  }
  throw invalidInput([...byField.values()]);
}

const jsonSchemas = new WeakMap<z.ZodType, InputSchema>();

function jsonSchemaOf(schema: z.ZodType): InputSchema {
  const known = jsonSchemas.get(schema) ?? z.toJSONSchema(schema, { io: 'input' });
  jsonSchemas.set(schema, known);
  return known;
}

function* findings(issues: readonly Issue[], at: Path, root: InputSchema): Generator<Finding> {
  for (const issue of issues) {
    const path = [...at, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) yield { path: [...path, key], message: unknownField(key, fieldsAt(root, path)) };
      continue;
    }
    const closest = issue.code === 'invalid_union' ? closestOption(issue.errors) : undefined;
    if (closest) yield* findings(closest, path, root);
    else yield { path, message: messageOf(issue, schemasAt(root, path)) };
  }
}

/** The issues of the union option that has the input's type; undefined if none or several have. */
function closestOption(options: readonly Issue[][]): Issue[] | undefined {
  const isOtherType = (issue: Issue) =>
    issue.path.length === 0 && (issue.code === 'invalid_type' || (issue.code === 'invalid_value' && !hasTypeOf(issue)));
  const ofType = options.filter((issues) => !issues.some(isOtherType));
  return ofType.length === 1 ? ofType[0] : undefined;
}

const hasTypeOf = ({ values, input }: z.core.$ZodIssueInvalidValue) =>
  values.some((value) => typeof value === typeof input);

function messageOf(issue: Issue, schemas: readonly InputSchema[]): string {
  const { input } = issue;
  if (input === undefined && issue.code !== 'custom') return 'is missing';
  if (issue.message !== '') return issue.code === 'custom' ? issue.message : `${issue.message}, not ${shown(input)}`;
  switch (issue.code) {
    case 'invalid_value':
      return wrongChoice(issue.values.map(String), input);
    case 'too_small':
      return outOfRange('least', issue.minimum, issue.inclusive, input);
    case 'too_big':
      return outOfRange('most', issue.maximum, issue.inclusive, input);
    default:
      return wrongType(schemas, input);
  }
}

function unknownField(name: string, known: readonly string[]): string {
  const [near] = nearNames(name.slice(0, maxFieldNameLength), known);
  if (near !== undefined) return `is not a known field; did you mean ${near}?`;
  const areFew = known.length > 0 && known.length <= maxListedFields;
  return areFew ? `is not a known field; known fields: ${known.join(', ')}` : 'is not a known field';
}

function wrongChoice(allowed: readonly string[], input: unknown): string {
  const [near] = typeof input === 'string' ? nearNames(input.slice(0, maxFieldNameLength), allowed) : [];
  const question = near === undefined ? '' : `; did you mean ${near}?`;
  return `must be one of ${allowed.join(', ')}, not ${shown(input)}${question}`;
}

function outOfRange(bound: 'least' | 'most', limit: number | bigint, inclusive = true, input: unknown): string {
  if (typeof input === 'string' || Array.isArray(input)) {
    if (input.length === 0) return 'must not be empty';
    const unit = typeof input === 'string' ? 'character' : 'item';
    return `must have at ${bound} ${limit} ${unit}${limit === 1 ? '' : 's'}, not ${input.length}`;
  }
  const range = inclusive ? `at ${bound}` : bound === 'least' ? 'greater than' : 'less than';
  return `must be ${range} ${limit}, not ${shown(input)}`;
}

function wrongType(schemas: readonly InputSchema[], input: unknown): string {
  const wanted = [...new Set(schemas.map(typeNameOf))].join(' or ');
  return `must be ${wanted}, not ${shown(input)}${quotingAdvice(schemas, input)}`;
}

function quotingAdvice(schemas: readonly InputSchema[], input: unknown): string {
  const isWanted = (...types: string[]) => schemas.some(({ type }) => types.includes(String(type)));
  const isBare = typeof input === 'number' || typeof input === 'boolean';
  if (isBare && isWanted('string')) return '; write it in quotes';
  if (typeof input !== 'string') return '';
  const isQuoted =
    (isWanted('number', 'integer') && /^-?\d+(\.\d+)?$/.test(input)) ||
    (isWanted('boolean') && /^(true|false)$/.test(input));
  return isQuoted ? '; write it without quotes' : '';
}

/** In words, what a schema expects. */
function typeNameOf({ type, properties = {} }: InputSchema): string {
  const fields = Object.keys(properties);
  switch (type) {
    case 'string':
      return 'text';
    case 'integer':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    default:
      return fields.length > 0 && fields.length <= 3 ? `an object with ${fields.join(', ')}` : 'an object';
  }
}

/** A value as shown in a message: shortened, quoted if it is text, and only its type if it is a container. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  const isLong = value.length > maxShownLength;
  return JSON.stringify(isLong ? `${value.slice(0, maxShownLength).toWellFormed()}…` : value);
}

const fieldsAt = (root: InputSchema, path: Path) => [
  ...new Set(schemasAt(root, path).flatMap(({ properties = {} }) => Object.keys(properties))),
];

/** The schemas that apply at a path; several if one of them is a union. */
function schemasAt(root: InputSchema, path: Path): InputSchema[] {
  let schemas = optionsOf(root);
  for (const step of path) {
    schemas = schemas.flatMap(({ properties, items, additionalProperties }) => {
      const inner = typeof step === 'number' ? items : (properties?.[String(step)] ?? additionalProperties);
      return typeof inner === 'object' ? optionsOf(inner as InputSchema) : [];
    });
  }
  return schemas;
}

const optionsOf = (schema: InputSchema): InputSchema[] => schema.anyOf?.flatMap((one) => optionsOf(one)) ?? [schema];
