import middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { answerErrors, respond } from '../http/answer.ts';
import { bodyBytes } from '../http/body.ts';
import { identifyCaller } from '../http/caller.ts';
import type { HttpRequest } from '../http/http-request.ts';
import { note, observe } from '../telemetry/observe.ts';
import type { Asking } from './call-tool.ts';
import { chosenTools } from './chosen-tools.ts';

/** How long before its timeout the function gives up on a request, so that the caller still gets a response. */
const timeoutEarlyInMillis = 500;

/**
 * When to try again if keys cannot be read, in seconds: for MCP, API Gateway does not cache the authorizer's result.
 */
const retryAfterSeconds = 5;

/** The pipeline of every MCP request: `handle` gets it as a web request from an authenticated caller. */
export function mcpPipeline(handle: (request: Request, asking: Asking) => Promise<Response>) {
  return middy<HttpRequest, APIGatewayProxyStructuredResultV2>({ timeoutEarlyInMillis })
    .use(observe('mcp'))
    .use(answerErrors())
    .handler(async (request) => {
      const caller = identifyCaller(request, retryAfterSeconds);
      note(request, { key_id: caller.keyId });
      const { requestId } = request.requestContext;
      const { traceparent } = request.headers;
      const toolSet = chosenTools(request.rawQueryString);
      return toAnswer(await handle(toWebRequest(request), { caller, requestId, traceparent, toolSet }));
    });
}

/** Only the headers of the protocol: not the key, nor headers meant for the gateway. */
const protocolHeader = /^(accept|content-type|origin|mcp-.+)$/;

function toWebRequest(request: HttpRequest): Request {
  const { headers, requestContext } = request;
  const { method, path } = requestContext.http;
  return new Request(new URL(path, 'https://muster.invalid'), {
    method,
    headers: Object.entries(headers).filter(
      (header): header is [string, string] => protocolHeader.test(header[0]) && header[1] !== undefined,
    ),
    ...(method === 'POST' && { body: bodyBytes(request) }),
  });
}

/** An event stream is sent as a whole once it has ended; nothing is sent before the result of a call. */
async function toAnswer(response: Response): Promise<APIGatewayProxyStructuredResultV2> {
  const headers = ['content-type', 'allow'].flatMap((name): [string, string][] => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return respond(response.status, await response.text(), {
    ...(Object.fromEntries(headers) as Record<string, string>),
    'cache-control': 'no-store',
  });
}
