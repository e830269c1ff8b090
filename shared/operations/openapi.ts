import type { openApiDocument } from '../contract/transports/openapi.ts';
import * as contract from '../contract/operations.ts';
import { implement } from './implement.ts';

let document: ReturnType<typeof openApiDocument> | undefined;

/** Built on the first request, which also loads the code for it, and then kept: it changes only with the code. */
export const openapi = implement(contract.openapi, async () => {
  const { openApiDocument } = await import('../contract/transports/openapi.ts');
  return (document ??= openApiDocument());
});
