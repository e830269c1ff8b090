import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { account, partition, region } from '../template/aws.ts';

export interface GatewayRequest {
  incoming: IncomingMessage;
  body: Buffer;
  /** Percent-encoded path and query, the latter without its question mark. */
  path: string;
  query: string;
  apiId: string;
  /** Epoch milliseconds by the functions' clock. */
  now: number;
}

/** The event of an HTTP API, payload format 2.0, without what only a route or its authorizer gets. */
export function eventOf(request: GatewayRequest, routeKey: string, pathParameters: Record<string, string>) {
  const { incoming, path, query, now } = request;
  const { cookie, ...headers } = headersOf(incoming);
  const domainName = (headers['host'] ?? 'localhost').replace(/:\d+$/, '');
  const parameters = queryParameters(query);
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/; */) }),
    headers,
    ...(query === '' ? {} : { queryStringParameters: parameters }),
    requestContext: {
      accountId: account,
      apiId: request.apiId,
      domainName,
      domainPrefix: domainName.split('.')[0] ?? '',
      http: {
        method: incoming.method ?? '',
        path,
        protocol: `HTTP/${incoming.httpVersion}`,
        sourceIp: incoming.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now,
    },
    ...(Object.keys(pathParameters).length === 0 ? {} : { pathParameters }),
  };
}

export type GatewayEvent = ReturnType<typeof eventOf>;

const textType = /^(text\/|application\/([\w.+-]+\+)?(json|xml|javascript)\b)/i;

/** The event for a route's function, with the body and the authorizer's context. */
export function integrationEvent(event: GatewayEvent, body: Buffer, authorizerContext: unknown) {
  // Bytes that are not text reach the function unchanged, and the function rejects them.
  const isText = isUtf8(body) && textType.test(event.headers['content-type'] ?? '');
  const { requestContext } = event;
  return {
    ...event,
    requestContext:
      authorizerContext === undefined
        ? requestContext
        : { ...requestContext, authorizer: { lambda: authorizerContext } },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** The event for an authorizer, never with the body. */
export function authorizerEvent(event: GatewayEvent, identitySource: string[]) {
  const { apiId, stage, http } = event.requestContext;
  const routeArn = `arn:${partition}:execute-api:${region}:${account}:${apiId}/${stage}/${http.method}${http.path}`;
  return { ...event, type: 'REQUEST', routeArn, identitySource };
}

function headersOf(incoming: IncomingMessage): Record<string, string> {
  const headers = Object.entries(incoming.headersDistinct).map(([name, values = []]) => [name, values.join(',')]);
  return {
    ...(Object.fromEntries(headers) as Record<string, string>),
    'x-forwarded-for': incoming.socket.remoteAddress ?? '',
    'x-forwarded-port': String(incoming.socket.localPort ?? ''),
    'x-forwarded-proto': 'http',
  };
}

function queryParameters(query: string): Record<string, string> {
  const parameters = new URLSearchParams(query);
  return Object.fromEntries([...parameters.keys()].map((name) => [name, parameters.getAll(name).join(',')]));
}

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(' ');
  return `${day ?? ''}/${month ?? ''}/${year ?? ''}:${time ?? ''} +0000`;
}
