import type { openApiDocument } from '../contract/transports/openapi.ts';
import * as contract from '../contract/operations.ts';
import { implement } from './implement.ts';

let document: ReturnType<typeof openApiDocument> | undefined;

/**
 * Made of the table of operations at the first request, which loads the code for it too, and kept: it changes only with the code.
 */
export const openapi = implement(contract.openapi, async () => {
  const { openApiDocument } = await import('../contract/transports/openapi.ts');
  return (document ??= openApiDocument());
});
