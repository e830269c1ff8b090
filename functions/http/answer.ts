import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { metricsPage } from '#shared/contract/pages.ts';
import { codes, type Refusal } from '#shared/contract/problem.ts';
import { isReplay } from '#shared/operations/replays.ts';
import { prometheusType } from '#shared/wire/prometheus.ts';
import { hasKey } from './caller.ts';
import type { HttpRequest, NamedOperation } from './http-request.ts';
import { refusalOf } from './refusal.ts';

/** The headers OWASP recommends for an API whose responses are never rendered as pages. */
const securityHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=63072000',
  'x-content-type-options': 'nosniff',
};

/** The default of Retry-After, in seconds. */
const retryAfterSeconds = 1;

/** The HTTP response with an operation's output, or with the metrics page for Prometheus. */
export const succeed = ({ name, success, scope }: NamedOperation, output: unknown): APIGatewayProxyStructuredResultV2 =>
  respond(success, name === metricsPage.name ? String(output) : JSON.stringify(output), {
    'content-type': name === metricsPage.name ? prometheusType : 'application/json',
    ...(isReplay(output) && { 'idempotent-replayed': 'true' }),
    // API Gateway adds CORS headers for the page's origin, so caches must keep the origins apart.
    ...(scope === 'public'
      ? { 'cache-control': 'public, max-age=300', vary: 'origin' }
      : { 'cache-control': 'no-store' }),
  });

/** Turns errors into HTTP responses. */
export function answerErrors(): MiddlewareObj<HttpRequest, APIGatewayProxyStructuredResultV2> {
  return {
    onError(request) {
      request.response = refuse(request.error, request.event);
    },
  };
}

/** The HTTP response to a refused or failed request. */
function refuse(error: unknown, { headers, requestContext }: HttpRequest): APIGatewayProxyStructuredResultV2 {
  const refusal = refusalOf(error);
  const problem = refusal.problem(requestContext.requestId);
  return respond(problem.status, JSON.stringify(problem), {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...extraHeaders(refusal, headers),
  });
}

function extraHeaders({ code, details, message }: Refusal, headers: HttpRequest['headers']): Record<string, string> {
  switch (codes[code].status) {
    case 401:
      return { 'www-authenticate': challenge(hasKey(headers), message) };
    case 429:
    case 503:
      return { 'retry-after': String(details.retryAfterSeconds ?? retryAfterSeconds) };
    default:
      return {};
  }
}

/** The challenge of RFC 6750. It does not say where to get a key: keys come from an admin, not from an OAuth server. */
const challenge = (isRefused: boolean, detail: string) =>
  `Bearer realm="Muster"${isRefused ? `, error="invalid_token", error_description="${detail}"` : ''}`;

/** An HTTP response with the headers that all responses have. */
export function respond(
  statusCode: number,
  body: string,
  headers: Record<string, string>,
): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { ...securityHeaders, ...headers }, body };
}
