import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { metricsPage } from '#shared/contract/pages.ts';
import { codes, type Refusal } from '#shared/contract/problem.ts';
import { prometheusType } from '#shared/wire/prometheus.ts';
import { hasKey } from './caller.ts';
import type { HttpRequest, NamedOperation } from './http-request.ts';
import { refusalOf } from './refusal.ts';

/** What OWASP recommends for an API whose answers are never meant to be shown as a page. */
const securityHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=63072000',
  'x-content-type-options': 'nosniff',
};

/** Seconds after which to try again, where the refusal does not say. */
const retryAfterSeconds = 1;

/** The HTTP answer with what an operation returned, or with the page of the statistics for Prometheus. */
export const succeed = ({ name, success, scope }: NamedOperation, output: unknown): APIGatewayProxyStructuredResultV2 =>
  respond(success, name === metricsPage.name ? String(output) : JSON.stringify(output), {
    'content-type': name === metricsPage.name ? prometheusType : 'application/json',
    // What is allowed to pages of one origin, API Gateway adds for that one.
    ...(scope === 'public'
      ? { 'cache-control': 'public, max-age=300', vary: 'origin' }
      : { 'cache-control': 'no-store' }),
  });

/** Makes an HTTP answer of what is thrown. */
export function answerErrors(): MiddlewareObj<HttpRequest, APIGatewayProxyStructuredResultV2> {
  return {
    onError(request) {
      request.response = refuse(request.error, request.event);
    },
  };
}

/** The HTTP answer to a request that is refused or has failed. */
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

/** Which key is needed (RFC 6750), and nothing of where to get one: keys come from an admin, not from an OAuth server. */
const challenge = (isRefused: boolean, detail: string) =>
  `Bearer realm="Muster"${isRefused ? `, error="invalid_token", error_description="${detail}"` : ''}`;

/** An HTTP answer with the headers that every answer has. */
export function respond(
  statusCode: number,
  body: string,
  headers: Record<string, string>,
): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { ...securityHeaders, ...headers }, body };
}
