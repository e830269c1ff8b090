import { operations } from '#shared/contract/operations.ts';
import { metricsPage } from '#shared/contract/pages.ts';
import type { HttpRequest, NamedOperation } from './http-request.ts';

const byRoute = new Map<string, NamedOperation>([...operations, metricsPage].map((row) => [row.route, row]));

/** The operation of a request; API Gateway has already matched the route. */
export function findOperation({ routeKey }: HttpRequest): NamedOperation {
  const operation = byRoute.get(routeKey);
  if (!operation) throw new Error(`The route ${routeKey} is declared, but no operation has it`);
  return operation;
}
