import { globSync } from 'node:fs';
import path from 'node:path';
import { readBelow } from '#examples/typescript/files.ts';

/** Where npm installed this project's packages. */
const installed = path.resolve(import.meta.dirname, '../../../node_modules');

/** An npm package name with its scope; never a path that leaves the folder of installed packages. */
const packageName = /^(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/;
const maxBytes = 16 * 1024 * 1024;

export interface SourceFile {
  /** Relative to the folder of installed packages. */
  file: string;
  text: string;
}

/** The files of an installed package, without nested packages. */
export function sourceFiles(name: string, pattern: string): SourceFile[] {
  if (!packageName.test(name)) throw new Error(`${JSON.stringify(name)} is not the name of a package.`);
  const files = globSync(`${name}/**/${pattern}`, { cwd: installed, exclude: [`${name}/**/node_modules/**`] });
  if (files.length === 0) throw new Error(`There are no files ${pattern} of ${name} in ${installed}.`);
  return files.sort().map((file) => ({ file, text: readBelow(installed, file, maxBytes) }));
}
