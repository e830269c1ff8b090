import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Where npm has installed the packages of this project. */
const installed = path.resolve(import.meta.dirname, '../../../node_modules');

export interface SourceFile {
  /** Relative to the folder of installed packages. */
  file: string;
  text: string;
}

/** The files of an installed package, without those of packages inside it. */
export function sourceFiles(packageName: string, pattern: string): SourceFile[] {
  const files = globSync(`${packageName}/**/${pattern}`, {
    cwd: installed,
    exclude: [`${packageName}/**/node_modules/**`],
  });
  if (files.length === 0) throw new Error(`There are no files ${pattern} of ${packageName} in ${installed}.`);
  return files.sort().map((file) => ({ file, text: readFileSync(path.join(installed, file), 'utf8') }));
}
