import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundle, credentialSources } from '#scripts/bundle.ts';

/**
 * Bundles a bare handler from this folder like the functions, but in one file with the SDK's event streams, as it was
 * when the budgets were set.
 * @returns its file
 */
export async function bundleBare(name: string, folder: string): Promise<string> {
  const file = path.join(folder, `${name}.mjs`);
  const [built] = (await bundle(`bench/${name}.ts`, name, { external: credentialSources, splitting: false }))
    .outputFiles;
  writeFileSync(file, built?.contents ?? '');
  return file;
}

export const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Prints a cost relative to that of a bare handler, next to its budget. */
export function printRatio(name: string, ratio: number, budget: number): void {
  console.log(`  ${name.padEnd(24)} ${ratio.toFixed(2)}  budget ${budget}${ratio > budget ? '  over the budget' : ''}`);
}
