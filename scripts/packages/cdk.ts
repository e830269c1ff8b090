import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Metafile } from 'esbuild';
import ts from 'typescript';
import { operations } from '#shared/contract/operations.ts';
import { codes } from '#shared/contract/problem.ts';
import { eventTypes, openStatuses, publicEvents } from '#shared/schema.ts';
import { requireForCommonJs, versionAlone } from '../bundle.ts';
import { copyFunctions } from './functions.ts';
import { writeLicenses } from './licenses.ts';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * The construct as a single CommonJS file, like aws-cdk-lib itself, with its types, the function bundles and the
 * runbook.
 */
export async function buildCdk(folder: string): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['infra/index.ts'],
    outfile: path.join(folder, 'lib/index.js'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['aws-cdk-lib', 'constructs'],
    define: { 'import.meta.dirname': '__dirname' },
    minifyWhitespace: true,
    // CDK displays class names.
    keepNames: true,
    metafile: true,
    logLevel: 'warning',
  });
  writeDeclarations(path.join(folder, 'lib'));
  const inCommand = await buildKeyCommand(folder);
  const inFunctions = await copyFunctions(folder);
  mkdirSync(path.join(folder, 'docs'));
  cpSync(path.join(root, 'docs/runbook.md'), path.join(folder, 'docs/runbook.md'));
  writeLicenses(folder, [metafile, inCommand, ...inFunctions]);
}

/** The command that creates the first key; it requires the deployer's AWS credentials. */
async function buildKeyCommand(folder: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['scripts/make-key.ts'],
    outfile: path.join(folder, 'bin/muster-key.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: true,
    plugins: [versionAlone],
    // Only Node 24 knows which module was started; here it is always this one.
    define: { 'import.meta.main': 'true' },
    banner: { js: `#!/usr/bin/env node\n${requireForCommonJs}` },
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/**
 * Writes the declarations of a file and of everything they depend on.
 * @throws Error if they depend on something outside the package
 */
function writeDeclarations(folder: string, name = 'index'): void {
  const text = name === 'names' ? names() : declarationsOf(path.join(root, 'infra', `${name}.ts`));
  writeFileSync(path.join(folder, `${name}.d.ts`), text);
  for (const [, from = ''] of text.matchAll(/from '([^']+)'/g)) {
    if (from.startsWith('./')) writeDeclarations(folder, path.basename(from, '.js'));
    else if (!/^(aws-cdk-lib(\/|$)|constructs$)/.test(from))
      throw new Error(`infra/${name}.ts shows types of ${from}.`);
  }
}

/** The declarations of a file, without members marked `@internal`. Imports name the emitted file, not its source. */
function declarationsOf(file: string): string {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(readFileSync(file, 'utf8'), {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ESNext, stripInternal: true },
  });
  const [wrong] = diagnostics;
  if (wrong) throw new Error(`${file}: ${ts.flattenDiagnosticMessageText(wrong.messageText, ' ')}`);
  return outputText.replaceAll(/from '(\.\/[\w-]+)\.ts'/g, "from '$1.js'");
}

/** The declarations of infra/names.ts, whose types derive from values. */
function names(): string {
  const types = {
    OperationName: operations.map(({ name }) => name),
    RefusalCode: Object.keys(codes),
    TaskEvent: Object.keys(eventTypes),
    OpenStatus: openStatuses,
    PublicEvents: Object.keys(publicEvents),
  };
  const union = (values: readonly string[]) => values.map((value) => `'${value}'`).join(' | ');
  return Object.entries(types)
    .map(([name, values]) => `export type ${name} = ${union(values)};\n`)
    .join('');
}
