import type { TestProject } from 'vitest/node';
import path from 'node:path';
import { readdirSync } from 'node:fs';
import { buildPython, installedPython } from '#scripts/packages/python.ts';
import { isPythonHere } from '#scripts/packages/python-environment.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The built package and the `bin` of an environment with its wheel; undefined if Python is missing. */
    python: { folder: string; bin: string } | undefined;
  }
}

/** Builds the package and installs its wheel once for all tests. */
export async function setup({ provide }: TestProject): Promise<void> {
  if (!isPythonHere) {
    provide('python', undefined);
    return;
  }
  const folder = await buildPython();
  const wheel = readdirSync(path.join(folder, 'dist')).find((file) => file.endsWith('.whl')) ?? '';
  provide('python', { folder, bin: await installedPython(path.join(folder, 'dist', wheel)) });
}
