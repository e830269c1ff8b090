import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import ts from 'typescript';

const root = path.resolve(import.meta.dirname, '../..');
const sources = path.join(root, 'clients/sdk');
const entries = ['index.ts', 'worker/index.ts'];

/** The sdk as ES modules and as CommonJS, with its types. */
export async function buildSdk(folder: string): Promise<void> {
  const common: BuildOptions = {
    absWorkingDir: sources,
    bundle: true,
    target: 'node20',
    minifyWhitespace: true,
    logLevel: 'warning',
  };
  await build({
    ...common,
    entryPoints: entries,
    outdir: path.join(folder, 'esm'),
    format: 'esm',
    splitting: true,
    chunkNames: 'shared',
    platform: 'neutral',
    external: ['node:*'],
  });
  // CommonJS bundles share no code, and there must be only one MusterError, so both entry points are one bundle.
  await build({
    ...common,
    stdin: { contents: entries.map((file) => `export * from './${file}';`).join('\n'), resolveDir: sources },
    outfile: path.join(folder, 'cjs/muster.js'),
    format: 'cjs',
    platform: 'node',
  });
  write(path.join(folder, 'cjs/package.json'), '{ "type": "commonjs" }\n');
  write(path.join(folder, 'cjs/index.js'), "module.exports = require('./muster.js');\n");
  write(path.join(folder, 'cjs/worker/index.js'), "module.exports = require('../muster.js');\n");
  const declarations = declarationsOf(entries.map((file) => path.join(sources, file)));
  for (const [file, text] of declarations) {
    for (const kind of ['esm', 'cjs']) write(path.join(folder, kind, path.relative(sources, file)), text);
  }
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** The declarations of the sdk files' exports, by file. */
function declarationsOf(files: string[]): Map<string, string> {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const declarations = new Map<string, string>();
  ts.createProgram(files, {
    ...options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: root,
    outDir: root,
  }).emit(undefined, (file, text) => {
    if (file.startsWith(sources)) declarations.set(file, withJsExtensions(text));
  });
  return declarations;
}

/** Imports name the emitted file, not its source. */
const withJsExtensions = (text: string) =>
  text.replaceAll(/(from|import\()(\s*)(['"])(\.[^'"]+)\.ts\3/g, '$1$2$3$4.js$3');
