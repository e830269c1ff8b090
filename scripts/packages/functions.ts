import { cpSync } from 'node:fs';
import path from 'node:path';
import type { Metafile } from 'esbuild';
import { bundlePath } from '#infra/bundle-path.ts';
import { bundledFunctions, bundleFunctions, functionNames } from '../bundle.ts';
import { describeDashboard } from '../dashboard.ts';

/**
 * Copies the bundles of all functions to `build/<name>` of a folder.
 * @returns their contents
 */
export async function copyFunctions(folder: string): Promise<Pick<Metafile, 'outputs'>[]> {
  await bundleFunctions();
  for (const name of functionNames) cpSync(bundlePath(name), path.join(folder, 'build', name), { recursive: true });
  return [bundledFunctions(), await describeDashboard()];
}
