/**
 * `npm run generate`: writes the generated files of the Python client and its version. A test checks that they are
 * current.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { version } from '#shared/contract/version.ts';
import { pythonTexts } from './python/operations.ts';
import { heading } from './python/text.ts';

const sources = path.resolve(import.meta.dirname, '../clients/python/src/muster');

/** Every generated file, and the text it should have. */
export function pythonFiles(): { name: string; file: string; text: string }[] {
  const { models, ...others } = pythonTexts();
  const texts = {
    models,
    ...{ '_generated/operations': others.operations, '_generated/routes': others.routes },
    '_generated/version': `${heading}\n\nVERSION = "${version}"\n`,
  };
  return Object.entries(texts).map(([name, text]) => ({ name, file: path.join(sources, `${name}.py`), text }));
}

if (import.meta.main) for (const { file, text } of pythonFiles()) writeFileSync(file, text);
