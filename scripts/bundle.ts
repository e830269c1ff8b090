import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BuildOptions, Metafile, Plugin } from 'esbuild';
import { bundlePath } from '#infra/bundle-path.ts';
import { dashboardFiles, dashboardSources } from './dashboard.ts';
import { usedMcpSchemas } from './mcp-schemas.ts';
import { bundleKeepingOwnNames } from './own-names.ts';

/** The deployed functions: `functions/<name>.ts` becomes `build/<name>/index.mjs`. */
export const functionNames = [
  'api',
  'mcp',
  'authorize',
  'dashboard',
  'route-ready-tasks',
  'publish-changes',
  'count-changes',
  'release-dependents',
  'sweep',
] as const;

export type FunctionName = (typeof functionNames)[number];

/** The maximum size of what a cold start loads of a bundle: bytes, minified and gzipped. */
export const bundleBudget = 250 * 1024;

const root = path.dirname(import.meta.dirname);
const buildFolder = path.join(root, 'build');
const hashFile = path.join(buildFolder, 'sources.sha256');
const metaFile = path.join(buildFolder, 'meta.json');

/**
 * Credential sources that the SDK imports only if the environment has no credentials. Lambda and the laptop always
 * provide them, and these would make up a fifth of each bundle.
 */
export const credentialSources = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
];

/**
 * Dynamic imports of the SDK that never happen here: no operation of Muster has an event stream, and no function runs
 * in a browser. As separate chunks, they would also pull modules that are needed at startup into chunks of their own.
 */
export const neverImported = [...credentialSources, '@smithy/core/event-streams', 'bowser'];

/** The options in which a bundle differs from the others. */
type Changes = Pick<BuildOptions, 'alias' | 'external' | 'plugins' | 'splitting'>;

/**
 * Replaces what the MCP function never calls and what would exceed the budget: the MCP server's validator, which gets
 * nothing to validate, and a cache for endpoint discovery. Unused schemas of the MCP server are dropped.
 */
const forMcp: Changes = {
  alias: {
    '@modelcontextprotocol/server/_shims': './functions/mcp/no-validator.ts',
    '@aws-sdk/endpoint-cache': './functions/mcp/no-endpoint-cache.ts',
  },
  plugins: [usedMcpSchemas],
};

/** Reduces a package.json in a bundle, ours or an AWS client's, to its version, the only field that is used. */
export const versionAlone: Plugin = {
  name: 'version-alone',
  setup: (build) => {
    build.onLoad({ filter: /package\.json$/ }, ({ path: file }) => {
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

/** For bundled CommonJS code that calls require for Node.js modules. The names avoid clashes with imports. */
export const requireForCommonJs =
  "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);";

/**
 * Bundles every function into `build/`, unless their sources are unchanged.
 * @param say called with each step that takes time
 */
export async function bundleFunctions(say: (step: string) => void = () => {}): Promise<void> {
  const hash = hashOfSources();
  if (isCurrent(hash)) return;
  say('Bundling the functions and the dashboard');

  const built = await Promise.all(
    functionNames.map((name) => bundle(`functions/${name}.ts`, `${name}/index`, name === 'mcp' ? forMcp : {})),
  );
  for (const { path: file, contents } of built.flatMap(({ outputFiles }) => outputFiles)) writeWhole(file, contents);
  const outputs = Object.assign({}, ...built.map(({ metafile }) => metafile.outputs)) as Metafile['outputs'];
  for (const file of globSync(`build/{${functionNames.join()}}/*`, { cwd: root }))
    if (!Object.hasOwn(outputs, file)) rmSync(path.join(root, file));
  writeWhole(metaFile, JSON.stringify({ outputs }));
  writeWhole(hashFile, hash);
}

/**
 * Bundles an entry point the way functions are bundled, with dynamic imports in separate files, and writes nothing.
 * @param out the file without extension, below `build/`
 */
export const bundle = (
  entryPoint: string,
  out: string,
  { alias = {}, external = neverImported, plugins = [], splitting = true }: Changes = {},
) =>
  bundleKeepingOwnNames({
    absWorkingDir: root,
    entryPoints: [{ in: entryPoint, out }],
    outdir: buildFolder,
    outExtension: { '.js': '.mjs' },
    chunkNames: `${path.dirname(out)}/[name]-[hash]`,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The SDK's CommonJS entry points cannot be tree-shaken, which would make the bundles half as large again.
    mainFields: ['module', 'main'],
    splitting,
    external,
    alias,
    plugins: [versionAlone, dashboardFiles, ...plugins],
    minify: true,
    banner: { js: requireForCommonJs },
    logLevel: 'warning',
  });

/** The esbuild metafile of the bundles. Call `bundleFunctions` first. */
export const bundledFunctions = () => JSON.parse(readFileSync(metaFile, 'utf8')) as Pick<Metafile, 'outputs'>;

interface DescribedBundle {
  name: FunctionName;
  /** Bytes loaded at startup, and bytes including what is loaded on first use. */
  gzipped: number;
  gzippedWhole: number;
  /** The source files in it. */
  inputs: string[];
  inputsAtStart: string[];
}

/** The contents and size of each bundle. Call `bundleFunctions` first. */
export function describeBundles(): DescribedBundle[] {
  const { outputs } = bundledFunctions();
  const gzipped = (files: string[]) =>
    files.reduce((bytes, file) => bytes + gzipSync(readFileSync(path.join(root, file))).length, 0);
  const inputsOf = (files: string[]) => {
    const inputs = files.flatMap((file) => Object.entries(outputs[file]?.inputs ?? {}));
    return [...new Set(inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([input]) => input))];
  };
  return functionNames.map((name) => {
    const files = Object.keys(outputs).filter((file) => file.startsWith(`build/${name}/`));
    const filesAtStart = loadedWith(`build/${name}/index.mjs`, outputs);
    return {
      name,
      gzipped: gzipped(filesAtStart),
      gzippedWhole: gzipped(files),
      inputs: inputsOf(files),
      inputsAtStart: inputsOf(filesAtStart),
    };
  });
}

/** A file of a bundle and all its static imports, each once. */
function loadedWith(file: string, outputs: Metafile['outputs'], loaded = new Set<string>()): string[] {
  if (loaded.has(file)) return [];
  loaded.add(file);
  for (const { path: imported, kind, external } of outputs[file]?.imports ?? [])
    if (kind === 'import-statement' && external !== true) loadedWith(imported, outputs, loaded);
  return [...loaded];
}

function hashOfSources(): string {
  const hash = createHash('sha256');
  const own = [
    'functions/**/*.ts',
    'shared/**/*.ts',
    'package*.json',
    'scripts/{bundle,dashboard,mcp-schemas,own-names}.ts',
  ];
  const sources = globSync([...own, ...dashboardSources], { cwd: root });
  for (const file of sources.sort()) {
    const contents = readFileSync(path.join(root, file));
    hash.update(`${file} ${contents.length}\n`).update(contents);
  }
  return hash.digest('hex');
}

function isCurrent(hash: string): boolean {
  if (!existsSync(hashFile) || readFileSync(hashFile, 'utf8') !== hash) return false;
  return functionNames.every((name) => existsSync(path.join(bundlePath(name), 'index.mjs')));
}

/** Writes a file atomically, so that a concurrent build or upload never sees half of it. */
function writeWhole(file: string, contents: string | Uint8Array): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const unfinished = path.join(buildFolder, `unfinished-${process.pid}`);
  writeFileSync(unfinished, contents);
  renameSync(unfinished, file);
}

/** `npm run bundle`: bundles and prints the sizes; fails if a bundle exceeds the budget. */
async function main(): Promise<void> {
  await bundleFunctions();
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
  console.log(`What a start loads of each bundle, minified and gzipped (budget ${kilobytes(bundleBudget)}):`);
  for (const { name, gzipped, gzippedWhole } of describeBundles()) {
    const later = gzippedWhole > gzipped ? ` and ${kilobytes(gzippedWhole - gzipped)} when first needed` : '';
    const over = gzipped > bundleBudget ? '  over the budget' : '';
    console.log(`  ${name.padEnd(20)} ${kilobytes(gzipped).padStart(9)}${later}${over}`);
    if (gzipped > bundleBudget) process.exitCode = 1;
  }
}

if (import.meta.main) await main();
