import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '../..');

/** The report of `npm pack` about a tarball. Sizes are in bytes. */
export interface Packed {
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string; size: number }[];
}

/** Packs a folder into a tarball in another folder. */
export async function pack(from: string, to: string): Promise<Packed> {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', to], { cwd: from });
  const [packed] = JSON.parse(stdout) as Packed[];
  if (!packed) throw new Error(`npm pack said nothing of ${from}`);
  return packed;
}

const inEach = /^(LICENSE|README\.md|THIRD-PARTY\.md|package\.json)$/;

/**
 * Files of an assembled package that must not be published: unexpected files, and files that mention folders of this
 * machine.
 * @param expected its files besides those that every package has
 */
export function strayFiles(folder: string, files: readonly { path: string }[], expected: RegExp): string[] {
  const isStray = (file: string) =>
    !(inEach.test(file) || expected.test(file)) || readFileSync(path.join(folder, file)).includes(root);
  return files.map((file) => file.path).filter(isStray);
}
