import { cpSync, globSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { synthesizeInto } from '#local/template/assembly.ts';
import { bundledFunctions, bundleFunctions, neverImported, requireForCommonJs, versionAlone } from '../bundle.ts';
import { describeDashboard } from '../dashboard.ts';
import { writeLicenses } from './licenses.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** The local Muster: the code that runs a template, in JavaScript, and a template with its functions. */
export async function buildDev(folder: string): Promise<void> {
  cpSync(path.join(root, 'local/package/start.js'), path.join(folder, 'start.js'));
  const [{ metafile }] = await Promise.all([bundleLocal(path.join(folder, 'code')), writeAssembly(folder)]);
  // The dashboard's page is embedded as text in its function.
  writeLicenses(folder, [metafile, bundledFunctions(), await describeDashboard()]);
}

const bundleLocal = (outdir: string) =>
  build({
    absWorkingDir: root,
    // In the same folder, because the code looks for its worker next to itself.
    entryPoints: { main: 'local/package/main.ts', worker: 'local/host/worker.ts' },
    outdir,
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    external: [...neverImported, '@opentelemetry/api'],
    minify: true,
    keepNames: true,
    plugins: [versionAlone, queueStore],
    banner: { js: requireForCommonJs },
    metafile: true,
    logLevel: 'warning',
  });

/** The file that local/engines/sqs-store.ts finds in the installed package. */
const queueStore: Plugin = {
  name: 'queue-store',
  setup: (build) => {
    const file = path.join(root, 'node_modules/fauxqs/dist/sqs/sqsStore.js');
    build.onResolve({ filter: /\/sqs-store\.ts$/ }, () => ({ path: file }));
  },
};

/** The files written by CDK that are needed to run. */
async function writeAssembly(folder: string): Promise<void> {
  await bundleFunctions();
  const synthesized = path.join(folder, 'cdk.out');
  await synthesizeInto(synthesized);
  for (const file of globSync(['manifest.json', '*.template.json', '*.assets.json', 'asset.*/*.mjs'], {
    cwd: synthesized,
  })) {
    cpSync(path.join(synthesized, file), path.join(folder, 'assembly', file));
  }
  rmSync(synthesized, { recursive: true });
}
