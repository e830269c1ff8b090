/** Every kind of error that zod can find in an input, and our message for it, over HTTP and MCP. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type * as z from 'zod';
import { scopesOf, type Operation } from '#shared/contract/operation.ts';
import { operations, type OperationName } from '#shared/contract/operations.ts';
import type { Problem } from '#shared/contract/problem.ts';
import type { Caller } from '#shared/domain/caller.ts';
import type { Ports } from '#shared/ports.ts';
import { callTool } from '../../functions/mcp/call-tool.ts';
import { startFunctions, type Functions } from './api.ts';

let functions: Functions;
beforeAll(async () => {
  functions = await startFunctions();
});
afterAll(() => functions.stop());

const rows: readonly (Operation & { name: OperationName })[] = operations;
const rowOf = (name: OperationName) => {
  const row = rows.find((one) => one.name === name);
  if (!row) throw new Error(`no operation ${name}`);
  return row;
};

interface Case {
  /** The code of zod's issue, and the type of the schema. */
  kind: string;
  operation?: OperationName;
  input: Record<string, unknown>;
  says: Record<string, string>;
}

const content = 'x';
const name = 'must start with a letter or digit and have at most 64 letters, digits, "_", ".", ":", "@" and "-"';
const kindOfWork = name.replace('"@"', '"@", "+", "#", "/"');
const instant = 'must be an RFC 3339 timestamp such as 2026-11-10T09:00:00Z';

const cases: Case[] = [
  { kind: 'missing', input: {}, says: { '/content': 'is missing' } },
  {
    kind: 'missing',
    operation: 'submit_graph',
    input: { tasks: [{ content }] },
    says: { '/tasks/0/key': 'is missing' },
  },
  {
    kind: 'unrecognized_keys object',
    input: { content, requirement: ['python'] },
    says: { '/requirement': 'is not a known field; did you mean requirements?' },
  },
  {
    kind: 'unrecognized_keys object',
    operation: 'cancel_task',
    input: { task_id: 'x', because: 'x' },
    says: { '/because': 'is not a known field; known fields: task_id, reason' },
  },
  {
    kind: 'unrecognized_keys object',
    operation: 'submit_graph',
    input: { tasks: [{ key: 'a', content, contents: 'x' }] },
    says: { '/tasks/0/contents': 'is not a known field; did you mean content?' },
  },
  { kind: 'unrecognized_keys object', input: { content, owner: 'ada' }, says: { '/owner': 'is not a known field' } },
  {
    kind: 'unrecognized_keys object',
    operation: 'get_queue_statistics',
    input: { limit: 'x' },
    says: { '/limit': 'is not a known field' },
  },
  {
    kind: 'invalid_type string',
    input: { content: 5 },
    says: { '/content': 'must be text, not 5; write it in quotes' },
  },
  { kind: 'invalid_type string', input: { content: null }, says: { '/content': 'must be text, not null' } },
  { kind: 'invalid_type string', input: { content: ['x'] }, says: { '/content': 'must be text, not a list' } },
  {
    kind: 'invalid_type number',
    operation: 'learn_capability',
    input: { agent_id: 'ada', capability: 'python', confidence: '0.5' },
    says: { '/confidence': 'must be a number, not "0.5"; write it without quotes' },
  },
  {
    kind: 'invalid_type int',
    input: { content, max_attempts: 'many' },
    says: { '/max_attempts': 'must be a whole number, not "many"' },
  },
  {
    kind: 'invalid_type int',
    input: { content, max_attempts: 1.5 },
    says: { '/max_attempts': 'must be a whole number, not 1.5' },
  },
  {
    kind: 'invalid_type boolean',
    operation: 'assign_task',
    input: { task_id: 'x', agent_id: 'ada', force: 'yes' },
    says: { '/force': 'must be true or false, not "yes"' },
  },
  {
    kind: 'invalid_type array',
    input: { content, requirements: 'python' },
    says: { '/requirements': 'must be a list, not "python"' },
  },
  {
    kind: 'invalid_type object',
    operation: 'create_tasks',
    input: { tasks: [content] },
    says: { '/tasks/0': 'must be an object, not "x"' },
  },
  {
    kind: 'invalid_type record',
    input: { content, metadata: 1 },
    says: { '/metadata': 'must be an object, not 1' },
  },
  {
    kind: 'invalid_value enum',
    input: { content, priority: 'hihg' },
    says: { '/priority': 'must be one of low, medium, high, critical, not "hihg"; did you mean high?' },
  },
  {
    kind: 'invalid_value enum',
    input: { content, routing: 'nowhere' },
    says: { '/routing': 'must be one of auto, manual, not "nowhere"' },
  },
  { kind: 'too_small string', input: { content: '' }, says: { '/content': 'must not be empty' } },
  {
    kind: 'too_small array',
    operation: 'create_tasks',
    input: { tasks: [] },
    says: { '/tasks': 'must not be empty' },
  },
  {
    kind: 'too_small number',
    operation: 'learn_capability',
    input: { agent_id: 'ada', capability: 'python', confidence: 0 },
    says: { '/confidence': 'must be greater than 0, not 0' },
  },
  {
    kind: 'too_small int',
    input: { content, max_attempts: 0 },
    says: { '/max_attempts': 'must be at least 1, not 0' },
  },
  {
    kind: 'too_big string',
    input: { content, title: 'x'.repeat(121) },
    says: { '/title': 'must have at most 120 characters, not 121' },
  },
  {
    kind: 'too_big array',
    input: { content, requirements: Array(21).fill('python') },
    says: { '/requirements': 'must have at most 20 items, not 21' },
  },
  {
    kind: 'too_big number',
    operation: 'learn_capability',
    input: { agent_id: 'ada', capability: 'python', confidence: 1.5 },
    says: { '/confidence': 'must be at most 1, not 1.5' },
  },
  {
    kind: 'too_big int',
    input: { content, timeout_seconds: 1e300 },
    says: { '/timeout_seconds': 'must be at most 604800, not 1e+300' },
  },
  {
    kind: 'invalid_format string',
    input: { content, requirements: ['python', 'data analysis'] },
    says: { '/requirements/1': `${kindOfWork}, not "data analysis"` },
  },
  {
    kind: 'invalid_format string',
    input: { content, task_type: 'x'.repeat(65) },
    says: { '/task_type': `${kindOfWork}, not "${'x'.repeat(40)}…"` },
  },
  {
    kind: 'invalid_format string',
    input: { content, not_before: 'tomorrow' },
    says: { '/not_before': `${instant}, not "tomorrow"` },
  },
  {
    kind: 'invalid_union',
    operation: 'query_tasks',
    input: { created_after: 'yesterday' },
    says: { '/created_after': `${instant}, or whole seconds since 1970, not "yesterday"` },
  },
  {
    kind: 'custom',
    input: { content: 'a\u001b[31m' },
    says: { '/content': 'must not contain control characters other than tabs and line breaks' },
  },
  {
    kind: 'custom',
    input: { content, metadata: { a: 'é'.repeat(2048) } },
    says: { '/metadata': 'must be at most 4096 bytes of JSON, not 4104' },
  },
  {
    kind: 'custom',
    operation: 'complete_task',
    input: { task_id: 'x', result: 'x'.repeat(262_144) },
    says: { '/result': 'must be at most 262144 bytes of JSON, not 262146' },
  },
  {
    kind: 'custom',
    operation: 'create_key',
    input: { role: 'viewer', agent_id: 'ada' },
    says: { '/agent_id': 'is required for role agent and not allowed for other roles' },
  },
  {
    kind: 'custom',
    operation: 'register_agent',
    input: { agent_id: 'ada', metadata: { max_concurrent_tasks: 0 } },
    says: { '/metadata/max_concurrent_tasks': 'must be a whole number from 1 to 100' },
  },
];

const findingsOf = ({ errors }: Problem) =>
  Object.fromEntries((errors ?? []).map(({ pointer, message }) => [pointer, message]));

/** The input as an HTTP request: in the path, then in the query or the body. */
function requestOf({ route }: Operation, input: Record<string, unknown>) {
  const inPath = (field: string) => route.includes(`{${field}}`);
  const path = Object.fromEntries(Object.entries(input).flatMap(([f, v]) => (inPath(f) ? [[f, String(v)]] : [])));
  const rest = Object.fromEntries(Object.entries(input).filter(([field]) => !inPath(field)));
  if (route.startsWith('POST')) return { path, body: rest };
  return { path, query: new URLSearchParams(rest as Record<string, string>).toString() };
}

const caller: Caller = { keyId: 'admin0000000', role: 'admin', scopes: scopesOf.admin };

test.each(cases)('$kind: $says', async ({ operation = 'create_task', input, says }) => {
  const { body } = await functions.call(operation, requestOf(rowOf(operation), input));
  expect(findingsOf(body)).toEqual(says);

  // Refused before any port is used.
  const { content, structuredContent } = await callTool(
    {} as Ports,
    rowOf(operation),
    { input, changed: [] },
    {
      caller,
      requestId: 'request-1',
    },
  );
  expect(findingsOf(structuredContent as Problem)).toEqual(says);
  const lines = Object.entries(says).map(([pointer, message]) => `${pointer}: ${message}`);
  expect(content).toMatchObject([{ type: 'text', text: expect.stringContaining(lines.join('\n')) as string }]);
});

test('one wrong field is one error, and all wrong fields are reported', async () => {
  const { body } = await functions.call('create_task', {
    body: { content: '', max_attempts: 1e300, prioritiy: 'low' },
  });
  expect(findingsOf(body)).toEqual({
    '/content': 'must not be empty',
    '/max_attempts': 'must be at most 100, not 1e+300',
    '/prioritiy': 'is not a known field; did you mean priority?',
  });
});

type Definition = Record<string, unknown> & { type: string; checks?: z.core.$ZodCheck[] };

/** The kinds of issues that a schema can produce, from its types and checks. */
function kindsOf(schema: z.core.$ZodType, isOptional = false): string[] {
  const definition = schema._zod.def as unknown as Definition;
  const { type } = definition;
  const inner = (one: unknown, optional = false) => kindsOf(one as z.core.$ZodType, optional);
  if (['optional', 'default', 'nullable'].includes(type)) return inner(definition['innerType'], true);
  if (type === 'unknown') return kindsOfChecks(definition, type);
  const missing = isOptional ? [] : ['missing'];
  const isInt = definition['format'] === 'safeint';
  const own = [...missing, ...kindsOfChecks(definition, isInt ? 'int' : type)];
  switch (type) {
    case 'object': {
      const isStrict = (definition['catchall'] as z.core.$ZodType | undefined)?._zod.def.type === 'never';
      const fields = Object.values(definition['shape'] as object).flatMap((field) => inner(field));
      return [...own, 'invalid_type object', ...(isStrict ? ['unrecognized_keys object'] : []), ...fields];
    }
    case 'record':
      expect((definition['keyType'] as z.ZodType)._zod.def).toEqual({ type: 'string' });
      return [...own, 'invalid_type record', ...inner(definition['valueType'])];
    case 'array':
      return [...own, 'invalid_type array', ...inner(definition['element'], true)];
    case 'union':
      return [...own, 'invalid_union', ...(definition['options'] as z.core.$ZodType[]).flatMap((one) => inner(one))];
    case 'pipe':
      return inner(definition['in'], isOptional);
    case 'enum':
      return [...own, 'invalid_value enum'];
    case 'string':
      return [...own, 'invalid_type string', ...(definition['format'] === undefined ? [] : ['invalid_format string'])];
    case 'number':
      return [...own, `invalid_type ${isInt ? 'int' : 'number'}`];
    case 'boolean':
      return [...own, 'invalid_type boolean'];
    default:
      throw new Error(`a schema of type ${type}: say what is wrong with it in input-errors.ts, and add it here`);
  }
}

const kindOfCheck: Record<string, string> = {
  min_length: 'too_small',
  greater_than: 'too_small',
  max_length: 'too_big',
  less_than: 'too_big',
  string_format: 'invalid_format',
};

function kindsOfChecks({ checks = [] }: Definition, type: string): string[] {
  return checks.flatMap((check) => {
    const definition = check._zod.def as unknown as { check: string; error?: unknown };
    // It normalizes its input and refuses nothing.
    if (definition.check === 'overwrite') return [];
    if (definition.check === 'custom') return 'custom';
    const code = kindOfCheck[definition.check];
    if (code === undefined) throw new Error(`a check ${definition.check}: say what it finds, and add it here`);
    if (code === 'invalid_format') expect(definition.error, 'a format needs words of its own').toBeDefined();
    return `${code} ${type}`;
  });
}

test("every kind of issue that the contract's inputs can have is covered", () => {
  const kinds = new Set(operations.flatMap(({ input }) => kindsOf(input, true)));
  expect([...kinds].sort()).toEqual([...new Set(cases.map(({ kind }) => kind))].sort());
});
