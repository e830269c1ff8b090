/**
 * `npm run generate`: writes routes.ts, so that programs using the client load no schemas. A test checks that it is
 * current.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as prettier from 'prettier';
import * as z from 'zod';
import type { Operation } from '#shared/contract/operation.ts';
import { operations } from '#shared/contract/operations.ts';
import type { Route } from '#clients/sdk/routes.ts';

export const routesFile = resolve(import.meta.dirname, '../clients/sdk/routes.ts');

/** The fields by which Muster recognizes a repeated request. */
const recognized = ['idempotency_key', 'attempt', 'holding'] as const;

/** The text that routes.ts should have. */
export async function routesText(): Promise<string> {
  const rows = operations.map((operation: Operation) => `${operation.name}: ${JSON.stringify(routeOf(operation))},`);
  const text = `/* Written by \`npm run generate\` from the table of operations: do not edit. */
import type { OperationName } from './operation-methods.ts';

/** Where an operation is found, and whether it is safe to send it twice: always, or when a certain field is given. */
export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  repeatable: boolean | 'idempotency_key' | 'attempt' | 'holding';
}

export const routes = {
${rows.join('\n')}
} as const satisfies Record<OperationName, Route>;
`;
  const options = await prettier.resolveConfig(routesFile);
  return prettier.format(text, { ...options, parser: 'typescript' });
}

/** The route of an operation, and when it is safe to send twice. */
export function routeOf({ route, input, idempotent }: Operation): Route {
  const [method, path] = route.split(' ') as [Route['method'], string];
  const fields = z.toJSONSchema(input, { io: 'input' }).properties ?? {};
  return { method, path, repeatable: idempotent || (recognized.find((field) => field in fields) ?? false) };
}

if (import.meta.main) writeFileSync(routesFile, await routesText());
