import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { assemble, type PackageName } from '#scripts/packages.ts';

/** An empty folder with packages of ours, as `npm install` puts them there from their tarballs. */
export async function installed(...names: PackageName[]) {
  const folder = mkdtempSync(path.join(tmpdir(), 'muster-installed-'));
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
  const packed = [];
  for (const name of names) packed.push(pack(await assemble(name), folder));
  npm(folder, 'install', '--offline', '--no-audit', '--no-fund', ...packed.map(({ filename }) => `./${filename}`));
  return {
    folder,
    /** The files of each tarball. */
    files: packed.map(({ files }) => files.map((file) => file.path).sort()),
    write: (file: string, text: string) => writeFileSync(path.join(folder, file), text),
    /** Runs a program there. @returns what it prints; rejects with that if it fails */
    run: async (program: string, args: string[], environment: Record<string, string> = {}) =>
      (await promisify(execFile)(program, args, { cwd: folder, env: { ...process.env, ...environment } })).stdout,
  };
}

interface Packed {
  filename: string;
  files: { path: string }[];
}

function pack(from: string, to: string): Packed {
  const [packed] = JSON.parse(npm(from, 'pack', '--json', '--pack-destination', to)) as Packed[];
  if (!packed) throw new Error(`npm pack said nothing of ${from}`);
  return packed;
}

const npm = (cwd: string, ...args: string[]) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
