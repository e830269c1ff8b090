import { Duration } from 'aws-cdk-lib';
import { CorsHttpMethod, type CorsPreflightOptions } from 'aws-cdk-lib/aws-apigatewayv2';

/** Headers a page may send. They include the key but no cookies, so a page cannot use a key it was not given. */
const requestHeaders = [
  'authorization',
  'content-type',
  'idempotency-key',
  'traceparent',
  'tracestate',
  // Of MCP clients.
  'last-event-id',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
];

/** Response headers a page may read, besides body and content type. */
const responseHeaders = ['apigw-requestid', 'idempotent-replayed', 'retry-after', 'www-authenticate'];

/** Lets pages of these origins call the API, within the permissions of their key. */
export const corsFor = (origins: readonly string[]): CorsPreflightOptions => ({
  allowOrigins: [...origins],
  allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST, CorsHttpMethod.DELETE],
  allowHeaders: requestHeaders,
  exposeHeaders: responseHeaders,
  // Without it, browsers send a preflight before nearly every request. Chromium caches the result for two hours at
  // most.
  maxAge: Duration.hours(2),
});
