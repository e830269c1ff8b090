import { Duration } from 'aws-cdk-lib';
import { CorsHttpMethod, type CorsPreflightOptions } from 'aws-cdk-lib/aws-apigatewayv2';

/** What a page may send. A key is among it and cookies are not: no page can use a key that it was not given. */
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

/** What a page may read of an answer besides its body and type. */
const responseHeaders = ['apigw-requestid', 'retry-after', 'www-authenticate'];

/** Lets the pages of these origins call the API, as far as a key of theirs allows. */
export const corsFor = (origins: readonly string[]): CorsPreflightOptions => ({
  allowOrigins: [...origins],
  allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST, CorsHttpMethod.DELETE],
  allowHeaders: requestHeaders,
  exposeHeaders: responseHeaders,
  // Without it a browser asks before nearly every request. Chromium remembers an answer for two hours at most.
  maxAge: Duration.hours(2),
});
