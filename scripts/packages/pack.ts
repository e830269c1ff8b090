import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '../..');

/** What `npm pack` says of a tarball. Sizes are in bytes. */
export interface Packed {
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string; size: number }[];
}

/** Packs a folder into a tarball in another. */
export async function pack(from: string, to: string): Promise<Packed> {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', to], { cwd: from });
  const [packed] = JSON.parse(stdout) as Packed[];
  if (!packed) throw new Error(`npm pack said nothing of ${from}`);
  return packed;
}

const inEach = /^(LICENSE|README\.md|THIRD-PARTY\.md|package\.json)$/;

/**
 * What must not be published of an assembled package: files that nobody expects, and those that name folders of this machine.
 * @param expected the files that it has besides those of each package
 */
export function strayFiles(folder: string, files: readonly { path: string }[], expected: RegExp): string[] {
  const isStray = (file: string) =>
    !(inEach.test(file) || expected.test(file)) || readFileSync(path.join(folder, file)).includes(root);
  return files.map((file) => file.path).filter(isStray);
}
