import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
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

/** Largest allowed bundle in bytes, minified and gzipped: what a cold start downloads and parses. */
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
 * What the SDK imports dynamically, and never does here. No operation of Muster has an event stream: because of that import alone,
 * esbuild would wrap 160 modules of the SDK to run later, which takes V8 an eighth of a function's start.
 */
export const neverImported = [...credentialSources, '@smithy/core/event-streams'];

/** What one bundle has otherwise than the others. */
type Changes = Pick<BuildOptions, 'alias' | 'external' | 'plugins'>;

/**
 * What the bundle for MCP has in place of what it never calls, and would be over the budget with: the MCP server's own validator,
 * to which Muster gives nothing to validate, a cache for endpoint discovery, and the OpenAPI document, which only HTTP serves. The
 * schemas of the MCP server that it never uses are left out.
 */
const forMcp: Changes = {
  alias: {
    '@modelcontextprotocol/server/_shims': './functions/mcp/no-validator.ts',
    '@aws-sdk/endpoint-cache': './functions/mcp/no-endpoint-cache.ts',
  },
  plugins: [
    usedMcpSchemas,
    {
      name: 'no-openapi',
      setup: (build) => {
        const replacement = path.join(root, 'functions/mcp/no-openapi.ts');
        build.onResolve({ filter: /\/transports\/openapi\.ts$/ }, () => ({ path: replacement }));
      },
    },
  ],
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

  const built = await Promise.all([
    bundle(functionNames.filter((name) => name !== 'mcp').map(entryOf)),
    bundle([entryOf('mcp')], forMcp),
  ]);
  for (const { path: file, contents } of built.flatMap(({ outputFiles }) => outputFiles)) writeWhole(file, contents);
  const outputs = Object.assign({}, ...built.map(({ metafile }) => metafile.outputs)) as object;
  writeWhole(metaFile, JSON.stringify({ outputs }));
  writeWhole(hashFile, hash);
}

const entryOf = (name: FunctionName) => ({ in: `functions/${name}.ts`, out: `${name}/index` });

/** Bundles entry points as functions are, and writes nothing. */
export const bundle = (
  entryPoints: { in: string; out: string }[],
  { alias = {}, external = neverImported, plugins = [] }: Changes = {},
) =>
  bundleKeepingOwnNames({
    absWorkingDir: root,
    entryPoints,
    outdir: buildFolder,
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The SDK's CommonJS entry points cannot be tree-shaken: with them the bundles are half as large again.
    mainFields: ['module', 'main'],
    external,
    alias,
    plugins: [versionAlone, dashboardFiles, ...plugins],
    minify: true,
    banner: { js: requireForCommonJs },
    logLevel: 'warning',
  });

/** What esbuild says of the bundles. Call `bundleFunctions` first. */
export const bundledFunctions = () => JSON.parse(readFileSync(metaFile, 'utf8')) as Pick<Metafile, 'outputs'>;

/** What went into each bundle and how large it is, gzipped, in bytes. Call `bundleFunctions` first. */
export function describeBundles(): { name: FunctionName; gzipped: number; inputs: string[] }[] {
  const { outputs } = bundledFunctions();
  return functionNames.map((name) => {
    const inputs = Object.entries(outputs[`build/${name}/index.mjs`]?.inputs ?? {});
    return {
      name,
      gzipped: gzipSync(readFileSync(path.join(bundlePath(name), 'index.mjs'))).length,
      inputs: inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file),
    };
  });
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
  console.log(`Bundles, minified and gzipped (budget ${kilobytes(bundleBudget)}):`);
  for (const { name, gzipped } of describeBundles()) {
    console.log(
      `  ${name.padEnd(20)} ${kilobytes(gzipped).padStart(9)}${gzipped > bundleBudget ? '  over the budget' : ''}`,
    );
    if (gzipped > bundleBudget) process.exitCode = 1;
  }
}

if (import.meta.main) await main();
