import middy from '@middy/core';
import type { Ports } from '#shared/ports.ts';
import { answer } from './answer.ts';
import { identifyCaller } from './caller.ts';
import type { HttpRequest } from './http-request.ts';
import { readInput } from './input.ts';
import { observe } from '../telemetry/observe.ts';
import { findOperation } from './operation.ts';

/** How long before its own end the function gives a request up, so that the caller still gets an answer. */
const timeoutEarlyInMillis = 500;

/** What every HTTP request passes: `handler` gets operation, caller and input, and returns what the operation answers. */
export function httpPipeline(
  ports: Pick<Ports, 'accessKeys' | 'clock'>,
  handler: (request: HttpRequest) => Promise<unknown>,
) {
  return middy<HttpRequest>({ timeoutEarlyInMillis })
    .use(observe())
    .use(answer())
    .use(findOperation())
    .use(identifyCaller(ports))
    .use(readInput())
    .handler(handler);
}
