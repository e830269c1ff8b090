import { isDeepStrictEqual } from 'node:util';
import { isDoneAsAgent, type Operation, scopesOf } from '../operation.ts';
import { type Code, codes } from '../problem.ts';

/** Statuses that API Gateway itself returns, without calling a function or in place of one, and when. */
const gatewayAnswers: Record<number, string> = {
  400: 'Malformed path.',
  401: 'Missing Authorization header.',
  404: 'Unknown path.',
  413: 'Body larger than 10 MB.',
  429: 'Too many requests.',
  500: 'The function failed.',
  503: 'The function timed out.',
};

const problem = { $ref: '#/components/schemas/Problem' };
const gatewayMessage = { $ref: '#/components/schemas/GatewayMessage' };
const error = { $ref: '#/components/schemas/ErrorBody' };

interface Response {
  description: string;
  headers?: object;
  content: Record<string, { schema: object }>;
}

/** The responses of an OpenAPI document; those that many operations share become components. */
export class OpenApiResponses {
  readonly components: Record<string, Response> = {};

  /** Every response of an operation except success: refusals, and what API Gateway itself returns. */
  of(operation: Operation): Record<string, object> {
    const refusals = refusalsOf(operation);
    const gateway = gatewayStatusesOf(operation);
    const statuses = [...new Set([...refusals.keys(), ...gateway])].sort((one, other) => one - other);
    return {
      ...Object.fromEntries(
        statuses.map((status) => [status, this.#of(status, refusals.get(status) ?? [], gateway.includes(status))]),
      ),
      default: this.#of(codes.internal.status, ['internal'], true),
    };
  }

  /** The first response of a name becomes a component; equal ones refer to it. */
  #of(status: number, ofStatus: readonly Code[], alsoGateway: boolean): object {
    const response = problemResponse(status, ofStatus, alsoGateway);
    const name = nameOf(status, ofStatus);
    if (name === undefined) return response;
    const collected = (this.components[name] ??= response);
    return isDeepStrictEqual(collected, response) ? { $ref: `#/components/responses/${name}` } : response;
  }
}

/** Names responses that mean one thing, or the same thing in many operations. */
function nameOf(status: number, [code, ...others]: readonly Code[]): string | undefined {
  if (status === codes.invalid_key.status) return 'Unauthorized';
  if (status === codes.missing_scope.status) return 'Forbidden';
  if (code === undefined) return status === codes.throttled.status ? 'TooManyRequests' : undefined;
  return others.length === 0 ? typeName(code) : undefined;
}

/** `create_task`: CreateTask */
export const typeName = (operation: string) =>
  operation.replaceAll(/(?:^|_)([a-z])/g, (_, first: string) => first.toUpperCase());

/** The refusal codes of an operation, by status. */
export const refusalsOf = (operation: Operation): Map<number, Code[]> =>
  Map.groupBy(codesOf(operation), (code): number => codes[code].status);

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

function problemResponse(status: number, ofStatus: readonly Code[], alsoGateway: boolean): Response {
  const meanings = ofStatus.map((code) => `\`${code}\`: ${codes[code].title}.`);
  if (alsoGateway) meanings.push(`From API Gateway: ${gatewayAnswers[status] ?? ''}`);
  return {
    description: meanings.join('\n'),
    // Those of API Gateway have none.
    ...((status === 429 || status === 503) &&
      ofStatus.length > 0 && {
        headers: { 'Retry-After': { schema: { type: 'integer' }, description: 'Delay in seconds' } },
      }),
    content: {
      // Either kind may arrive and both are read the same way: generated clients look only at the first content type.
      ...(ofStatus.length > 0 && { 'application/problem+json': { schema: alsoGateway ? error : problem } }),
      ...(alsoGateway && { 'application/json': { schema: gatewayMessage } }),
    },
  };
}
