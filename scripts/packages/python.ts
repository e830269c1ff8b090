/** The Python package as `pip install` takes it, and the tools that build and test it. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { environmentOnce, installInto, makeEnvironment } from './python-environment.ts';

const root = path.resolve(import.meta.dirname, '../..');
const sources = path.join(root, 'clients/python');
const requirements = path.join(sources, 'requirements-dev.txt');
const run = promisify(execFile);

/**
 * The `bin` folder of an environment with the tools, created once per set of versions.
 * @param name of the environment: what is installed in one is invisible to others
 */
export async function pythonTools(name: string): Promise<string> {
  const { stdout: version } = await run('python3', ['--version']);
  const hash = createHash('sha256').update(version).update(readFileSync(requirements)).digest('hex').slice(0, 12);
  return environmentOnce(`${name}-${hash}`, async (folder) => {
    await makeEnvironment(folder);
    await installInto(folder, ['--requirement', requirements]);
  });
}

/**
 * Assembles the package with its license and builds wheel and sdist.
 * @returns the folder, with both in `dist`
 */
export async function buildPython(): Promise<string> {
  const bin = await pythonTools('tools');
  const folder = path.join(root, 'build/packages/python');
  const next = `${folder}.${process.pid}`;
  for (const name of ['src', 'README.md', 'pyproject.toml'])
    cpSync(path.join(sources, name), path.join(next, name), copying);
  cpSync(path.join(root, 'LICENSE'), path.join(next, 'LICENSE'));
  await run(path.join(bin, 'python'), ['-m', 'hatchling', 'build', '--directory', 'dist'], { cwd: next });
  rmSync(folder, { recursive: true, force: true });
  renameSync(next, folder);
  return folder;
}

const copying = { recursive: true, filter: (file: string) => !file.includes('__pycache__') };

/** Installs the wheel in an environment of its own and returns its `bin`. */
export async function installedPython(wheel: string): Promise<string> {
  const bin = await pythonTools('tests');
  await installInto(path.dirname(bin), ['--no-deps', '--reinstall', wheel]);
  return bin;
}
