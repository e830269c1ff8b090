import middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { traceIdOf } from '#shared/contract/trace-context.ts';
import { note, observe, taskIdIn } from '../telemetry/observe.ts';
import { answerErrors, succeed } from './answer.ts';
import { anyone, identifyCaller } from './caller.ts';
import type { HttpRequest, OperationRequest } from './http-request.ts';
import { readInput } from './input.ts';
import { findOperation } from './operation.ts';

/** How long before its timeout the function gives up on a request, so that the caller still gets a response. */
const timeoutEarlyInMillis = 500;

/** The pipeline of every HTTP request: `handle` gets the operation, caller and input, and returns the output. */
export function httpPipeline(handle: (request: OperationRequest) => Promise<unknown>) {
  return middy<HttpRequest, APIGatewayProxyStructuredResultV2>({ timeoutEarlyInMillis })
    .use(observe())
    .use(answerErrors())
    .handler(async (request) => {
      const operation = findOperation(request);
      note(request, { operation: operation.name });
      const caller = operation.scope === 'public' ? anyone : identifyCaller(request);
      note(request, { key_id: caller.keyId });
      const input = readInput(request, operation);
      const traceId = traceIdOf(input['traceparent']);
      if (traceId !== undefined) note(request, { trace_id: traceId });
      note(request, { task_id: taskIdIn(input) });
      const answer = await handle({ operation, caller, input });
      note(request, { task_id: taskIdIn(input) ?? taskIdIn(answer) });
      return succeed(operation, answer);
    });
}
