/** `npm run generate`: writes openapi.json from the table of operations. A test checks that it is current. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { openApiDocument } from '#shared/contract/transports/openapi.ts';

export const openApiFile = path.resolve(import.meta.dirname, '../docs/openapi.json');

/** The text that openapi.json should have. */
export const openApiText = () => `${JSON.stringify(openApiDocument(), undefined, 2)}\n`;

if (import.meta.main) writeFileSync(openApiFile, openApiText());
