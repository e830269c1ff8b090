/** `npm run generate`: writes openapi.json from the table of operations. A test compares, so that the two cannot drift apart. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { openApiDocument } from '#shared/contract/transports/openapi.ts';

export const openApiFile = path.resolve(import.meta.dirname, '../docs/openapi.json');

/** The text of openapi.json, as it should be now. */
export const openApiText = () => `${JSON.stringify(openApiDocument(), undefined, 2)}\n`;

if (import.meta.main) writeFileSync(openApiFile, openApiText());
