import { openApiDocument } from '../contract/transports/openapi.ts';
import * as contract from '../contract/operations.ts';
import { implement } from './implement.ts';

let document: ReturnType<typeof openApiDocument> | undefined;

/** Made of the table of operations at the first request and kept: it changes only with the code. */
export const openapi = implement(contract.openapi, () => Promise.resolve((document ??= openApiDocument())));
