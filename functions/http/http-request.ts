import type { APIGatewayEventRequestContextV2, APIGatewayProxyEventV2WithRequestContext } from 'aws-lambda';
import type { Operation } from '#shared/contract/operation.ts';
import type { OperationName } from '#shared/contract/operations.ts';
import type { metricsPage } from '#shared/contract/pages.ts';
import type { Caller } from '#shared/domain/caller.ts';

/** A request as the HTTP API sends it (payload format 2.0). Public routes have no authorizer. */
export type HttpRequest = APIGatewayProxyEventV2WithRequestContext<
  APIGatewayEventRequestContextV2 & { authorizer?: { lambda?: unknown } }
>;

export type NamedOperation = Operation & { name: OperationName | typeof metricsPage.name };

/** The requested operation, its caller and its input. */
export interface OperationRequest {
  operation: NamedOperation;
  caller: Caller;
  /**
   * Path parameters, query, body and those headers that are fields of the operation, combined and not yet validated.
   */
  input: Record<string, unknown>;
}
