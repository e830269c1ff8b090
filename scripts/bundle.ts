import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BuildOptions, Metafile, Plugin } from 'esbuild';
import { bundlePath } from '#infra/bundle-path.ts';
import { dashboardFiles, dashboardSources } from './dashboard.ts';
import { usedMcpSchemas } from './mcp-schemas.ts';
import { bundleKeepingOwnNames } from './own-names.ts';

/** The functions that are deployed: `functions/<name>.ts` becomes `build/<name>/index.mjs`. */
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

/** The most that a cold start may load of a bundle, in bytes, minified and gzipped. */
export const bundleBudget = 250 * 1024;

const root = path.dirname(import.meta.dirname);
const buildFolder = path.join(root, 'build');
const hashFile = path.join(buildFolder, 'sources.sha256');
const metaFile = path.join(buildFolder, 'meta.json');

/**
 * Sources of credentials that the SDK imports only where the environment holds none. On Lambda and on the laptop it always
 * does, and they would be a fifth of each bundle.
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
 * What the SDK imports dynamically, and never does here: no operation of Muster has an event stream, and no function is a browser.
 * Files of their own for these would only take modules that are needed at the start into files of their own, too.
 */
export const neverImported = [...credentialSources, '@smithy/core/event-streams', 'bowser'];

/** What one bundle has otherwise than the others. */
type Changes = Pick<BuildOptions, 'alias' | 'external' | 'plugins' | 'splitting'>;

/**
 * What the bundle for MCP has in place of what it never calls, and would be over the budget with: the MCP server's own validator,
 * to which Muster gives nothing to validate, and a cache for endpoint discovery. The
 * schemas of the MCP server that it never uses are left out.
 */
const forMcp: Changes = {
  alias: {
    '@modelcontextprotocol/server/_shims': './functions/mcp/no-validator.ts',
    '@aws-sdk/endpoint-cache': './functions/mcp/no-endpoint-cache.ts',
  },
  plugins: [usedMcpSchemas],
};

/** What a bundle asks of a package.json, ours or that of an AWS client, is the version: it gets nothing else of it. */
export const versionAlone: Plugin = {
  name: 'version-alone',
  setup: (build) => {
    build.onLoad({ filter: /package\.json$/ }, ({ path: file }) => {
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

/** For what is bundled into an ES module and calls require for modules of Node. No import has its name. */
export const requireForCommonJs =
  "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);";

/**
 * Bundles every function into `build/`, unless their sources are the same as the last time.
 * @param say is told what is done, if anything is
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
 * Bundles an entry point as functions are, with what is imported later in files beside it, and writes nothing.
 * @param out the file without its ending, below `build/`
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
    // The SDK's CommonJS entry points cannot be tree-shaken: with them the bundles are half as large again.
    mainFields: ['module', 'main'],
    splitting,
    external,
    alias,
    plugins: [versionAlone, dashboardFiles, ...plugins],
    minify: true,
    banner: { js: requireForCommonJs },
    logLevel: 'warning',
  });

/** What esbuild says of the bundles. Call `bundleFunctions` first. */
export const bundledFunctions = () => JSON.parse(readFileSync(metaFile, 'utf8')) as Pick<Metafile, 'outputs'>;

interface DescribedBundle {
  name: FunctionName;
  /** Bytes of what a start loads, and of that with what is loaded when it is first needed. */
  gzipped: number;
  gzippedWhole: number;
  /** What went into it. */
  inputs: string[];
  inputsAtStart: string[];
}

/** What went into each bundle and how large it is. Call `bundleFunctions` first. */
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

/** A file of a bundle and all that it imports statically, each once. */
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

/** Writes a file in one step, so that a process that bundles or uploads at the same time never finds half of it. */
function writeWhole(file: string, contents: string | Uint8Array): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const unfinished = path.join(buildFolder, `unfinished-${process.pid}`);
  writeFileSync(unfinished, contents);
  renameSync(unfinished, file);
}

/** `npm run bundle`: bundles and prints the sizes; fails where one is over the budget. */
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
