import path from 'node:path';
import { build } from 'esbuild';
import { requireForCommonJs, versionAlone } from '../bundle.ts';
import { writeLicenses } from './licenses.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** The command line as a single file for Node 20 and newer. */
export async function buildCli(folder: string): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['clients/cli/main.ts'],
    outfile: path.join(folder, 'muster.js'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minify: true,
    // Messages contain the names of error classes.
    keepNames: true,
    plugins: [versionAlone],
    banner: { js: `#!/usr/bin/env node\n${requireForCommonJs}` },
    metafile: true,
    logLevel: 'warning',
  });
  writeLicenses(folder, [metafile]);
}
