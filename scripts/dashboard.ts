import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile, type Plugin } from 'esbuild';

const root = path.dirname(import.meta.dirname);
const folder = 'clients/dashboard';

/** The sources of the web dashboard, besides package*.json. */
export const dashboardSources = [`${folder}/**/*.{ts,tsx,css,html,svg}`, 'clients/sdk/*.ts'];

/**
 * The maximum gzipped size, in bytes, of what is loaded before the first page is visible, and of what is loaded later.
 */
export const dashboardBudgets = { firstView: 40 * 1024, later: 90 * 1024 };

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface DashboardFile {
  name: string;
  type: string;
  gzipped: Buffer;
  /** Whether the first view needs it, or only pages opened from there. */
  loaded: 'first' | 'later';
}

/** Runs esbuild. */
function bundleDashboard() {
  requireInstalled('preact');
  return build({
    absWorkingDir: root,
    entryPoints: { app: `${folder}/main.tsx`, style: `${folder}/style/index.css`, icon: `${folder}/icon.svg` },
    outdir: 'assets',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome112', 'firefox116', 'safari17'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    // The shim for older React versions is CommonJS, which would require a runtime of its own.
    alias: { 'use-sync-external-store/shim/index.js': 'preact/compat' },
    loader: { '.svg': 'copy' },
    define: { 'process.env.NODE_ENV': '"production"' },
    minify: true,
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
}

/** The esbuild metafile of the web dashboard. */
export const describeDashboard = async (): Promise<Metafile> => (await bundleDashboard()).metafile;

/** Builds the web dashboard: a page, and files named by a hash of their content. */
export async function buildDashboard(): Promise<DashboardFile[]> {
  const { outputFiles, metafile } = await bundleDashboard();
  const outputOf = (entry: string) => {
    const found = Object.entries(metafile.outputs).find(([file, { entryPoint, inputs }]) =>
      file.endsWith('.svg') ? Object.keys(inputs).includes(entry) : entryPoint === entry,
    );
    if (!found) throw new Error(`esbuild made nothing of ${entry}.`);
    return found[0];
  };
  const named = {
    script: outputOf(`${folder}/main.tsx`),
    style: outputOf(`${folder}/style/index.css`),
    icon: outputOf(`${folder}/icon.svg`),
  };
  const scripts = withImports(metafile, named.script);
  const first = new Set([...scripts, named.style, named.icon]);
  const assets = outputFiles.map(({ path: file, contents }) =>
    fileOf(path.basename(file), contents, first.has(path.relative(root, file)) ? 'first' : 'later'),
  );
  return [fileOf('index.html', Buffer.from(pageWith(named, scripts.slice(1))), 'first'), ...assets];
}

/** Installing after a pull is easily forgotten, and esbuild's message about it is long. */
function requireInstalled(name: string): void {
  if (!existsSync(path.join(root, 'node_modules', name))) throw new Error(`${name} is not installed. Run npm ci.`);
}

/** Adds the files of the dashboard to the bundle that imports `muster:dashboard-files`. */
export const dashboardFiles: Plugin = {
  name: 'dashboard-files',
  setup: (build) => {
    build.onResolve({ filter: /^muster:dashboard-files$/ }, ({ path }) => ({ path, namespace: 'dashboard' }));
    build.onLoad({ filter: /.*/, namespace: 'dashboard' }, async () => {
      const files = (await buildDashboard()).map(({ name, type, gzipped }): [string, object] => [
        name,
        { type, gzipped: gzipped.toString('base64') },
      ]);
      return { contents: `export const files = ${JSON.stringify(Object.fromEntries(files))};`, loader: 'js' };
    });
  },
};

/** The outputs loaded together with one: its static imports, not its dynamic ones. */
function withImports({ outputs }: Metafile, output: string): string[] {
  const imported = outputs[output]?.imports ?? [];
  const now = imported.filter(({ kind, external }) => kind === 'import-statement' && external !== true);
  return [output, ...now.flatMap(({ path }) => withImports({ inputs: {}, outputs }, path))];
}

/** @param imported by the script; listed in the page so that the browser fetches them before it has read the script */
function pageWith(files: Record<string, string>, imported: readonly string[]): string {
  const page = readFileSync(path.join(root, folder, 'index.html'), 'utf8');
  const preloads = imported.map((file) => `    <link rel="modulepreload" href="/${file}" />\n`).join('');
  return page
    .replaceAll(/\{(script|style|icon)\}/g, (_, name: string) => files[name] ?? '')
    .replace('  </head>', `${preloads}  </head>`);
}

const fileOf = (name: string, contents: Uint8Array, loaded: DashboardFile['loaded']): DashboardFile => ({
  name,
  type: types[path.extname(name)] ?? 'application/octet-stream',
  gzipped: gzipSync(contents, { level: 9 }),
  loaded,
});
