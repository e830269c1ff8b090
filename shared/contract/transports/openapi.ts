import * as z from 'zod';
import { examples } from './examples.ts';
import { ProblemBody, type Role } from '../nouns.ts';
import { responsesOf } from './openapi-responses.ts';
import { type JsonSchema, OpenApiSchemas } from './openapi-schemas.ts';
import { type Operation, type Scope, scopesOf } from '../operation.ts';
import { operations } from '../operations.ts';
import { version } from '../version.ts';

/** What API Gateway answers itself, without a function or in place of one. */
const GatewayMessage = z.object({ message: z.string() }).meta({ id: 'GatewayMessage' });

const description = `Task orchestration for fleets of AI agents: a queue with priorities and dependencies, an agent registry, and a
router that matches tasks to agents by capability. Unknown input fields are refused; clients must tolerate unknown output fields.

Refusals are \`application/problem+json\` (RFC 9457): \`code\` is from a closed list, \`errors\` lists the fields to fix, \`hint\` says
what to do next. Responses of API Gateway itself (no key, unknown path, too many requests, timeout) are
\`{"message": "..."}\`. Retry after the delay in \`Retry-After\`.`;

/** The OpenAPI 3.1 description of every operation, derived from the table of operations. */
export function openApiDocument() {
  const schemas = new OpenApiSchemas();
  schemas.of(ProblemBody);
  schemas.of(GatewayMessage);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const { method, path } = routeOf(operation);
    paths[path] = { ...paths[path], [method.toLowerCase()]: describeOperation(operation, schemas) };
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Muster', version, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    security: [{ key: [] }],
    paths,
    components: {
      schemas: schemas.components,
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

function describeOperation(operation: Operation, schemas: OpenApiSchemas) {
  const { name, summary, scope, description: more } = operation;
  const { method, path } = routeOf(operation);
  const example = name in examples ? examples[name as keyof typeof examples] : undefined;
  const input = schemas.of(operation.input);
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field ?? '');
  const rest = Object.keys(input.properties ?? {}).filter((field) => !inPath.includes(field));
  const hasBody = method === 'POST' && rest.length > 0;
  const parameters = [
    ...inPath.map((field) => parameter('path', field, input)),
    ...(hasBody ? [] : rest.map((field) => parameter('query', field, input))),
    ...(rest.includes('idempotency_key') ? [idempotencyHeader(input)] : []),
  ];
  const permission = scope === 'public' ? 'No key required.' : `Scope \`${scope}\`: ${rolesWith(scope).join(', ')}.`;
  return {
    operationId: name,
    summary,
    description: more === undefined ? permission : `${more}\n\n${permission}`,
    tags: [path.split('/')[2] ?? 'description'],
    ...(scope === 'public' && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(hasBody && { requestBody: requestBody(input, rest, example?.input ?? {}) }),
    responses: responsesOf(operation, schemas, example?.output),
  };
}

function parameter(place: 'path' | 'query', name: string, input: JsonSchema) {
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

/** In a query one value is a list of one. */
const asInQuery = (schema: JsonSchema): JsonSchema => schema.anyOf?.find(({ type }) => type === 'array') ?? schema;

function idempotencyHeader(input: JsonSchema) {
  return { ...parameter('query', 'idempotency_key', input), in: 'header', name: 'Idempotency-Key' };
}

function requestBody(input: JsonSchema, fields: readonly string[], example: object) {
  const properties = Object.fromEntries(fields.map((field) => [field, input.properties?.[field] ?? {}]));
  const required = input.required?.filter((field) => fields.includes(field)) ?? [];
  return {
    required: required.length > 0,
    content: {
      'application/json': {
        schema: { ...input, properties, required },
        example: Object.fromEntries(Object.entries(example).filter(([field]) => fields.includes(field))),
      },
    },
  };
}
