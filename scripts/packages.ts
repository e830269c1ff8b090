/** `npm run packages`: assembles the published packages in build/packages/<name>, ready for `npm pack`. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { version } from '#shared/contract/version.ts';
import { buildCdk } from './packages/cdk.ts';
import { buildCli } from './packages/cli.ts';
import { buildDev } from './packages/dev.ts';
import { buildPython } from './packages/python.ts';
import { isPythonHere } from './packages/python-environment.ts';
import { buildSdk } from './packages/sdk.ts';

const root = path.dirname(import.meta.dirname);

interface Recipe {
  /** Builds the code of the package into a folder. */
  build: (folder: string) => Promise<void>;
  /** The files it produces; a test and the release reject any others. */
  files: RegExp;
}

export const recipes = {
  cdk: {
    build: buildCdk,
    files: /^(lib\/[\w-]+\.d\.ts|lib\/index\.js|bin\/muster-key\.mjs|build\/[\w-]+\/[\w-]+\.mjs|docs\/runbook\.md)$/,
  },
  cli: { build: buildCli, files: /^muster\.js$/ },
  dev: {
    build: buildDev,
    files: /^(start\.js|code\/[\w-]+\.js|assembly\/[\w.-]+\.json|assembly\/asset\.\w+\/[\w-]+\.mjs)$/,
  },
  sdk: { build: buildSdk, files: /^(cjs\/package\.json|(esm|cjs)\/[\w/-]+(\.d\.ts|\.js))$/ },
} satisfies Record<string, Recipe>;

export type PackageName = keyof typeof recipes;

export const packageNames = Object.keys(recipes) as PackageName[];

/**
 * Assembles a package from its manifest, README and code.
 * @returns its folder
 */
export async function assemble(
  name: PackageName,
  folder: string = path.join(root, 'build/packages', name),
): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const manifest = { ...manifestIn(path.join(root, 'packages', name)), version };
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  cpSync(path.join(root, 'packages', name, 'README.md'), path.join(folder, 'README.md'));
  cpSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
  await recipes[name].build(folder);
  return folder;
}

const manifestIn = (folder: string) =>
  JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;

if (import.meta.main) {
  for (const name of packageNames) console.log(path.relative(root, await assemble(name)));
  if (isPythonHere) console.log(path.relative(root, await buildPython()));
  else console.warn('Python 3.11 or newer, with venv, is not installed: its package is not built.');
}
