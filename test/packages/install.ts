import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { assemble, type PackageName } from '#scripts/packages.ts';
import { pack } from '#scripts/packages/pack.ts';
import type { Runtime } from './runtimes.ts';

const execute = promisify(execFile);

/** The limit of one program, whose error includes its name and output. */
const timeout = 100_000;

/**
 * Installs one of our packages from its tarball into an empty folder, like `npm install`. Each package is assembled by
 * only one test file.
 */
export async function installed(name: PackageName, options: { optional?: boolean; peers?: string[] } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'muster-installed-'));
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
  const packed = await pack(await assemble(name), folder);
  // Without dependencies, no registry is needed.
  const how = options.optional ? ['--prefer-offline'] : ['--offline', '--omit=optional'];
  const { peers = [] } = options;
  if (peers.length > 0) how.push('--legacy-peer-deps');
  await execute('npm', ['install', ...how, '--no-audit', '--no-fund', `./${packed.filename}`], {
    cwd: folder,
    timeout,
  });
  // Packages that the app already has, from our own lock file.
  for (const peer of peers) {
    const link = path.join(folder, 'node_modules', peer);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.resolve('node_modules', peer), link);
  }
  const home = path.join(folder, 'node_modules/@musterhq', name);
  return {
    folder,
    /** The folder of the package. */
    home,
    /** The files of the tarball, with their sizes in bytes. */
    files: packed.files,
    manifest: JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8')) as Record<string, unknown>,
    write: (file: string, text: string) => writeFileSync(path.join(folder, file), text),
    /**
     * Runs a program there.
     * @returns its output; rejects with it if the program fails
     */
    run: async (program: string, args: readonly string[], environment: Record<string, string> = {}) =>
      (await execute(program, args, { cwd: folder, timeout, env: { ...process.env, ...environment } })).stdout,
    /** Runs a file there. */
    runOn: async ({ program, args }: Runtime, file: string, environment: Record<string, string> = {}) =>
      (await execute(program, [...args, file], { cwd: folder, timeout, env: { ...process.env, ...environment } }))
        .stdout,
  };
}
