import type { MiddlewareObj } from '@middy/core';
import { operations } from '#shared/contract/operations.ts';
import type { HttpRequest } from './http-request.ts';

const byRoute = new Map<string, HttpRequest['operation']>(operations.map((row) => [row.route, row]));

/** Finds the operation that the request is for: API Gateway has matched the route already. */
export function findOperation(): MiddlewareObj<HttpRequest> {
  return {
    before({ event }) {
      const operation = byRoute.get(event.routeKey);
      if (!operation) throw new Error(`The route ${event.routeKey} is declared, but no operation has it`);
      event.operation = operation;
    },
  };
}
