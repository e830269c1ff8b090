import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from 'aws-lambda';
import type { Operation } from '#shared/contract/operation.ts';
import type { OperationName } from '#shared/contract/operations.ts';
import type { Caller } from '#shared/domain/caller.ts';

/** A request of the HTTP API (payload format 2.0), and who sends it. */
export interface AuthorizedRequest extends APIGatewayProxyEventV2WithLambdaAuthorizer<unknown> {
  caller: Caller;
  operation?: Operation & { name: OperationName };
}

/** A request for an operation, and what the pipeline finds out about it before the handler runs. */
export interface HttpRequest extends AuthorizedRequest {
  operation: Operation & { name: OperationName };
  /** Path parameters, query, body and headers that are fields of the operation, together, not yet validated. */
  input: Record<string, unknown>;
}
