import type { OpenApiSchemas } from './openapi-schemas.ts';
import { isDoneAsAgent, type Operation, scopesOf } from '../operation.ts';
import { type Code, codes } from '../problem.ts';

/** Statuses that API Gateway answers itself, without a function or in place of one, and when it does. */
const gatewayAnswers: Record<number, string> = {
  400: 'Malformed path.',
  401: 'Missing Authorization header.',
  404: 'Unknown path.',
  413: 'Body larger than 10 MB.',
  429: 'Too many requests.',
  500: 'The function failed.',
  503: 'The function timed out.',
};

/** Every response of an operation: success, refusals, and what API Gateway answers itself. */
export function responsesOf(operation: Operation, schemas: OpenApiSchemas, example: unknown): Record<string, unknown> {
  const refusals = Map.groupBy(codesOf(operation), (code): number => codes[code].status);
  const statuses = new Set([...refusals.keys(), ...gatewayStatusesOf(operation)]);
  const problems = [...statuses].map((status) => [
    status,
    problemResponse(status, refusals.get(status) ?? [], gatewayStatusesOf(operation).includes(status)),
  ]);
  return {
    [operation.success]: {
      description: 'Success.',
      content: {
        'application/json': { schema: schemas.of(operation.output), ...(example !== undefined && { example }) },
      },
    },
    ...(Object.fromEntries(problems) as Record<string, unknown>),
    default: problemResponse(codes.internal.status, ['internal'], true),
  };
}

const takesBody = ({ route }: Operation) => route.startsWith('POST ');

function codesOf(operation: Operation): Code[] {
  const { scope, refusals } = operation;
  const ofBodies: Code[] = ['not_parsable', 'unsupported_media_type', 'too_large'];
  const ofKeys: Code[] = ['invalid_key', 'expired_key', 'revoked_key'];
  const isForAll = scope === 'public' || Object.values(scopesOf).every((scopes) => scopes.includes(scope));
  return [
    ...(takesBody(operation) ? ofBodies : []),
    ...(scope === 'public' ? [] : ofKeys),
    ...(isForAll ? [] : (['missing_scope'] as const)),
    ...(isDoneAsAgent(operation) ? (['other_agent'] as const) : []),
    'invalid_input',
    ...refusals,
    ...(scope === 'public' ? [] : (['unavailable'] as const)),
  ];
}

function gatewayStatusesOf(operation: Operation): number[] {
  return [
    ...(operation.route.includes('{') ? [400, 404] : []),
    ...(operation.scope === 'public' ? [] : [401]),
    ...(takesBody(operation) ? [413] : []),
    429,
    503,
  ];
}

function problemResponse(status: number, ofStatus: readonly Code[], alsoGateway: boolean) {
  const meanings = ofStatus.map((code) => `\`${code}\`: ${codes[code].title}.`);
  if (alsoGateway) meanings.push(`From API Gateway: ${gatewayAnswers[status] ?? ''}`);
  return {
    description: meanings.join('\n'),
    ...(status === 503 && {
      headers: { 'Retry-After': { schema: { type: 'integer' }, description: 'Delay in seconds' } },
    }),
    content: {
      ...(ofStatus.length > 0 && {
        'application/problem+json': {
          schema: {
            allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: ofStatus } } }],
          },
        },
      }),
      ...(alsoGateway && { 'application/json': { schema: { $ref: '#/components/schemas/GatewayMessage' } } }),
    },
  };
}
