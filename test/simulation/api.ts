import { operations, type OperationName } from '#shared/contract/operations.ts';
import type { Operation } from '#shared/contract/operation.ts';

/** The sender of a request, as identified by the authorizer. */
export interface Identity {
  keyId: string;
  role: 'admin' | 'producer' | 'agent' | 'viewer';
  agentId?: string;
}

export const admin: Identity = { keyId: 'admin', role: 'admin' };

export const agentIdentity = (agentId: string): Identity => ({ keyId: `key-of-${agentId}`, role: 'agent', agentId });

/** The response that a client gets; status 0: none, or none that it could read. */
export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

export const rowOf = (name: OperationName): Operation => {
  const row = operations.find((one) => one.name === name);
  if (!row) throw new Error(`There is no operation ${name}.`);
  return row;
};

/** The event that API Gateway passes to its function. */
export function httpEvent(
  name: OperationName,
  input: Record<string, unknown>,
  identity: Identity,
  requestId: string,
): object {
  const [method = '', template = ''] = rowOf(name).route.split(' ');
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const pathParameters: Record<string, string> = {};
  for (const [, field = ''] of template.matchAll(/\{(\w+)\}/g)) {
    pathParameters[field] = String(rest.get(field));
    rest.delete(field);
  }
  const isQuery = method !== 'POST';
  return {
    version: '2.0',
    routeKey: `${method} ${template}`,
    rawPath: template,
    rawQueryString: isQuery
      ? new URLSearchParams([...rest].map(([key, value]): [string, string] => [key, String(value)])).toString()
      : '',
    headers: { 'content-type': 'application/json' },
    pathParameters,
    requestContext: { requestId, http: { method, path: template }, authorizer: { lambda: identity } },
    ...(!isQuery && { body: JSON.stringify(Object.fromEntries(rest)) }),
    isBase64Encoded: false,
  };
}

/** The response that a client gets for a function's result. */
export function answerOf(result: unknown): Answer {
  const { statusCode, body } = result as { statusCode: number; body: string };
  return { status: statusCode, body: JSON.parse(body) as Record<string, unknown> };
}
