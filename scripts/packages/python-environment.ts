/** Python environments with installed packages. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const build = path.resolve(import.meta.dirname, '../../build');

/** The installer: pip takes thirty times as much CPU time. */
const uv = 'uv==0.13.9';

/** Whether there is a Python that the package supports and that can create environments. */
export const isPythonHere =
  spawnSync('python3', ['-c', 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))']).status === 0;

/** The `bin` of an environment in `build`, which is created and filled once. */
export async function environmentOnce(name: string, fill: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = path.join(build, `python-${name}`);
  const ready = path.join(folder, 'ready');
  if (!existsSync(ready)) {
    rmSync(folder, { recursive: true, force: true });
    await fill(folder);
    mkdirSync(ready);
  }
  return path.join(folder, 'bin');
}

/** Creates an environment without pip. */
export const makeEnvironment = (folder: string) => run('python3', ['-m', 'venv', '--without-pip', folder]);

/** Installs what `pip install` would with these arguments. */
export async function installInto(folder: string, args: readonly string[]): Promise<void> {
  const { stdout: version } = await run('python3', ['--version']);
  const bin = await environmentOnce(`${uv}-${version.trim()}`.replaceAll(/[= ]+/g, '-'), withUv);
  const { PIP_INDEX_URL, PIP_CERT } = process.env;
  const env = {
    // uv does not read pip's settings.
    ...(PIP_INDEX_URL && { UV_DEFAULT_INDEX: PIP_INDEX_URL }),
    ...(PIP_CERT && { SSL_CERT_FILE: PIP_CERT }),
    // On the same disk, so that installed files are links into the cache.
    UV_CACHE_DIR: path.join(build, 'uv-cache'),
    ...process.env,
  };
  const python = path.join(folder, 'bin/python');
  await run(path.join(bin, 'uv'), ['pip', 'install', '--quiet', '--python', python, ...args], { env });
}

async function withUv(folder: string): Promise<void> {
  await run('python3', ['-m', 'venv', folder]);
  await run(path.join(folder, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', uv]);
}
