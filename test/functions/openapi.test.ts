import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examples } from '#shared/contract/transports/examples.ts';
import { openApiDocument } from '#shared/contract/transports/openapi.ts';
import type { JsonSchema } from '#shared/contract/transports/openapi-schemas.ts';
import { Status } from '#shared/contract/nouns.ts';
import { operations } from '#shared/contract/operations.ts';
import { codes } from '#shared/contract/problem.ts';
import { startFunctions, type Functions } from './api.ts';

interface Described {
  operationId: string;
  parameters?: { name: string; in: string; required: boolean }[];
  requestBody?: { content: Record<string, { schema: { $ref: string } }> };
  responses: Record<string, Response | { $ref: string }>;
  security?: object[];
}
interface Response {
  description: string;
  headers?: Record<string, object>;
  content: Record<string, { schema: object }>;
}
const document = openApiDocument();
/** Resolves a reference. */
const at = (reference = '') =>
  reference
    .split('/')
    .slice(1)
    .reduce((inside: unknown, step) => (inside as Record<string, unknown>)[step], document);
const resolved = <T extends object>(found: T | { $ref: string } | undefined) =>
  (found && '$ref' in found ? at(found.$ref) : found) as T | undefined;

const described = (name: string) => {
  const all = Object.values(document.paths).flatMap((path) => Object.values(path) as Described[]);
  return all.find(({ operationId }) => operationId === name);
};

test('the document is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(document);
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

test('every reference resolves', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)];
  expect(references.length).toBeGreaterThan(0);
  for (const [, reference = ''] of references)
    expect({ reference, to: typeof at(reference) }).toEqual({ reference, to: 'object' });
});

test('every named schema has a meaningful name', () => {
  expect(Object.keys(document.components.schemas).filter((name) => name.startsWith('__'))).toEqual([]);
});

test('a task is one model with the fields of all its states', () => {
  for (const name of ['Task', 'TaskSummary']) {
    const schema = document.components.schemas[name];
    expect(Object.keys(schema?.properties ?? {})).toEqual(expect.arrayContaining(['completed_at', 'lease_expires_at']));
    expect(schema?.properties?.['status']).toEqual({ $ref: '#/components/schemas/TaskStatus' });
    expect(schema?.required).toContain('assigned_to');
    expect(schema?.required).not.toContain('completed_at');
  }
  expect(document.components.schemas['TaskStatus']).toEqual({ type: 'string', enum: Status().options });
  expect(JSON.stringify(document)).not.toContain('"oneOf"');
});

test('every operation of the table is included, and no others', () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => `${method.toUpperCase()} ${path} ${(one as Described).operationId}`),
  );
  expect(described.sort()).toEqual(operations.map(({ route, name }) => `${route} ${name}`).sort());
});

test('every refusal that comes with Retry-After says so', () => {
  for (const { name } of operations) {
    for (const status of ['429', '503']) {
      const response = resolved(described(name)?.responses[status]);
      const isRefusal = Object.keys(response?.content ?? {}).includes('application/problem+json');
      expect({ name, status, hasHeader: response?.headers?.['Retry-After'] !== undefined }).toEqual({
        name,
        status,
        hasHeader: isRefusal,
      });
    }
  }
  expect(resolved(described('submit_graph')?.responses['429'])?.headers).toHaveProperty('Retry-After');
});

test('fields are parameters in the path, otherwise in the body or the query', () => {
  expect(described('assign_task')?.parameters).toMatchObject([{ name: 'task_id', in: 'path', required: true }]);
  const schema = resolved<JsonSchema>(described('assign_task')?.requestBody?.content['application/json']?.schema);
  expect(Object.keys(schema?.properties ?? {})).toEqual(['agent_id', 'force']);
  expect(schema?.required).toEqual(['agent_id']);
  expect(described('find_agents')?.parameters?.map((parameter) => parameter.in)).toEqual(Array(5).fill('query'));
  expect(described('create_task')?.parameters).toMatchObject([
    { name: 'Idempotency-Key', in: 'header' },
    { name: 'traceparent', in: 'header' },
  ]);
});

test('each operation lists its refusals by status, and the responses of API Gateway itself', () => {
  const responses = described('assign_task')?.responses ?? {};
  const response = (status: number) => resolved<Response>(responses[status]);
  for (const code of operations.find(({ name }) => name === 'assign_task')?.refusals ?? []) {
    expect(response(codes[code].status)?.description).toContain(`\`${code}\``);
  }
  expect(Object.keys(response(401)?.content ?? {})).toEqual(['application/problem+json', 'application/json']);
  expect(Object.keys(response(429)?.content ?? {})).toEqual(['application/json']);
});

test('all errors use two models, distinguished by a code that only one has', () => {
  const errors = Object.values(document.paths)
    .flatMap((path) => Object.values(path) as Described[])
    .flatMap(({ responses }) => Object.entries(responses).filter(([status]) => !status.startsWith('2')))
    .flatMap(([, response]) => Object.values(resolved<Response>(response)?.content ?? {}));
  const named = ['Problem', 'GatewayMessage', 'ErrorBody'].map((name) => ({ $ref: `#/components/schemas/${name}` }));
  for (const { schema } of errors) expect(named).toContainEqual(schema);
  const { Problem: problem, GatewayMessage: message } = document.components.schemas;
  expect((problem?.properties?.['code'] as JsonSchema).enum).toEqual(Object.keys(codes));
  expect(message?.properties?.['code']).toMatchObject({ const: '' });
  expect(problem?.required).toContain('code');
});

test("each operation's model has its own name or is shared, and no request has a default that a client would send", () => {
  for (const path of Object.values(document.paths)) {
    for (const { requestBody, operationId } of Object.values(path) as Described[]) {
      const schema = requestBody?.content['application/json']?.schema ?? { $ref: '' };
      expect({ operationId, keys: Object.keys(schema) }).toEqual({ operationId, keys: ['$ref'] });
    }
  }
  expect(JSON.stringify(document.components.schemas)).not.toContain('"default":');
  expect(described('create_task')?.requestBody?.content['application/json']?.schema).toEqual({
    $ref: '#/components/schemas/TaskInput',
  });
});

test('every tag is described', () => {
  const used = Object.values(document.paths).flatMap((path) =>
    (Object.values(path) as { tags: string[] }[]).flatMap(({ tags }) => tags),
  );
  expect([...new Set(used)].sort()).toEqual(document.tags.map(({ name }) => name).sort());
});

test('only the public operation needs no key', () => {
  const open = operations.filter(({ name }) => described(name)?.security?.length === 0);
  expect(open.map(({ name }) => name)).toEqual(['openapi']);
});

describe.each(operations.filter(({ name }) => name !== 'openapi'))('the example of $name', (operation) => {
  const { input, output } = examples[operation.name as keyof typeof examples];

  test('is an accepted request and its actual response', () => {
    expect(operation.input.safeParse(input).error).toBeUndefined();
    expect(operation.output.safeParse(output).error).toBeUndefined();
  });
});

describe('GET /openapi.json', () => {
  let functions: Functions;
  beforeAll(async () => {
    functions = await startFunctions();
  });
  afterAll(() => functions.stop());

  test('returns the document to anyone, cacheable for a while', async () => {
    const { status, headers, body } = await functions.call('openapi', { identity: undefined });
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('public, max-age=300');
    expect(headers['vary']).toBe('origin');
    expect(body).toEqual(JSON.parse(JSON.stringify(document)));
  });
});
