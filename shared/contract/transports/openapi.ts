import * as z from 'zod';
import { examples } from './examples.ts';
import { lazy } from '../lazy.ts';
import { ProblemBody, type Role } from '../nouns.ts';
import { OpenApiResponses, typeName } from './openapi-responses.ts';
import { type JsonSchema, OpenApiSchemas } from './openapi-schemas.ts';
import { type Operation, type Scope, scopesOf } from '../operation.ts';
import { operations } from '../operations.ts';
import { version } from '../version.ts';

const GatewayMessage = lazy(() =>
  z
    .object({
      message: z.string(),
      code: z.literal('').optional().meta({ description: 'Absent: only a Problem has a code' }),
    })
    .meta({
      id: 'GatewayMessage',
      description: 'A response from API Gateway itself',
      examples: [{ message: 'Unauthorized' }],
    }),
);

const AnyError = lazy(() =>
  z
    .union([ProblemBody(), GatewayMessage()])
    .meta({ id: 'ErrorBody', description: 'A Problem, or a GatewayMessage if the request did not reach a function' }),
);

const description = `Task orchestration for fleets of AI agents: a queue with priorities and dependencies, an agent registry, and a
router that matches tasks to agents by capability. Unknown input fields are refused; clients must tolerate unknown output fields.

Refusals are \`application/problem+json\` (RFC 9457): \`code\` is from a closed list, \`errors\` lists the fields to fix, \`hint\` says
what to do next. Responses of API Gateway itself (no key, unknown path, too many requests, timeout) are
\`{"message": "..."}\`, without a \`code\`. Retry after the delay in \`Retry-After\`.`;

/** The tags in display order, with the path prefixes they cover. */
const tags = [
  { name: 'tasks', paths: ['tasks', 'queue'], description: 'Create, follow and end tasks; work on them' },
  { name: 'graphs', paths: ['graphs'], description: 'Tasks that depend on each other, submitted together' },
  { name: 'agents', paths: ['agents'], description: 'Register agents; claim work for them' },
  {
    name: 'statistics',
    paths: ['stats', 'health', 'recommendations', 'metrics'],
    description: 'How the queue and the agents are doing',
  },
  { name: 'keys', paths: ['keys'], description: 'API keys' },
  { name: 'service', paths: [], description: 'This service and its caller' },
] as const satisfies { name: string; paths: string[]; description: string }[];

/** The OpenAPI 3.1 document, derived from the table of operations. */
export function openApiDocument() {
  const schemas = new OpenApiSchemas();
  const responses = new OpenApiResponses();
  schemas.of(AnyError());
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const { method, path } = routeOf(operation);
    paths[path] = { ...paths[path], [method.toLowerCase()]: describeOperation(operation, schemas, responses) };
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Muster', version, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    security: [{ key: [] }],
    tags: tags.map(({ name, description }) => ({ name, description })),
    paths,
    components: {
      schemas: schemas.components,
      responses: responses.components,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key, `mst_<key id>_<secret>`, from create_key.' },
      },
    },
  };
}

function routeOf({ route }: Operation): { method: string; path: string } {
  const [method = '', path = ''] = route.split(' ');
  return { method, path };
}

const rolesWith = (scope: Scope) => (Object.keys(scopesOf) as Role[]).filter((role) => scopesOf[role].includes(scope));

function tagOfPath(path: string): string {
  const [, , step = ''] = path.split('/');
  return tags.find(({ paths }) => paths.some((first) => first === step))?.name ?? 'service';
}

function describeOperation(operation: Operation, schemas: OpenApiSchemas, responses: OpenApiResponses) {
  const { name, summary, scope, description: more } = operation;
  const { method, path } = routeOf(operation);
  const example = name in examples ? examples[name as keyof typeof examples] : undefined;
  const collected = schemas.of(operation.input);
  const input = schemas.resolve(collected);
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field ?? '');
  const rest = Object.keys(input.properties ?? {}).filter((field) => !inPath.includes(field));
  const hasBody = method === 'POST' && rest.length > 0;
  const headers = Object.entries(fieldsInHeaders).filter(([field]) => hasBody && rest.includes(field));
  const parameters = [
    ...inPath.map((field) => parameter('path', field, input)),
    ...(hasBody ? [] : rest.map((field) => parameter('query', field, input))),
    ...headers.map(([field, header]) => ({ ...parameter('header', field, input), name: header })),
  ];
  const permission = scope === 'public' ? 'No key required.' : `Scope \`${scope}\`: ${rolesWith(scope).join(', ')}.`;
  return {
    operationId: name,
    summary,
    description: more === undefined ? permission : `${more}\n\n${permission}`,
    tags: [tagOfPath(path)],
    ...(scope === 'public' && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(hasBody && { requestBody: requestBody() }),
    responses: {
      [operation.success]: {
        description: 'Success.',
        ...(rest.includes('idempotency_key') && { headers: replayHeader }),
        content: {
          'application/json': {
            schema: schemas.of(operation.output, `${typeName(name)}Output`),
            ...(example !== undefined && { example: example.output }),
          },
        },
      },
      ...responses.of(operation),
    },
  };

  function requestBody() {
    const pick = (fields: object) =>
      Object.fromEntries(Object.entries(fields).filter(([field]) => rest.includes(field)));
    const required = input.required?.filter((field) => rest.includes(field)) ?? [];
    const body = { ...input, properties: pick(input.properties ?? {}), required };
    const isWhole = collected.$ref !== undefined && inPath.length === 0;
    return {
      required: required.length > 0,
      content: {
        'application/json': {
          schema: isWhole ? collected : schemas.name(`${typeName(name)}Input`, body),
          ...(example !== undefined && { example: pick(example.input) }),
        },
      },
    };
  }
}

const replayHeader = {
  'Idempotent-Replayed': {
    description: 'Present if an earlier request with this idempotency key has done the work.',
    schema: { type: 'string', const: 'true' },
  },
};

/** Fields that may be sent in a header instead of the body. */
const fieldsInHeaders = { idempotency_key: 'Idempotency-Key', traceparent: 'traceparent' };

function parameter(place: 'path' | 'query' | 'header', name: string, input: JsonSchema) {
  const { description: about, ...given } = input.properties?.[name] as JsonSchema;
  const schema = place === 'query' ? asInQuery(given) : given;
  return {
    name,
    in: place,
    required: input.required?.includes(name) ?? false,
    ...(about !== undefined && { description: about }),
    ...(schema.type === 'array' && { style: 'form', explode: false }),
    schema,
  };
}

/** In a query, a single value is a list of one. */
const asInQuery = (schema: JsonSchema): JsonSchema => schema.anyOf?.find(({ type }) => type === 'array') ?? schema;
