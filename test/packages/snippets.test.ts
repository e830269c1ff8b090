/**
 * Compiles the programs on the pages against the SDK. Those of packages/cdk are compiled with its package; those in
 * Python are run.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

/** Names that a page uses but leaves to the reader to define. */
const left = `
declare function draft(content: string, results?: unknown, signal?: AbortSignal): Promise<string>;
declare const model: {
  generate(prompt: string): Promise<{ text: string; usage: { input_tokens: number; output_tokens: number } }>;
};
`;

const pages = globSync(['*.md', 'docs/*.md', 'packages/{cli,dev,sdk}/README.md']);

/**
 * The blocks of a page form one program. Imports of the checkout are those of a file in it, which is checked
 * separately.
 */
const programs = pages.flatMap((page) => {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```ts\n(.*?)^```/gms)].map(([, text = '']) => text);
  const own = blocks.filter((text) => !text.includes("from '#"));
  return own.length > 0 ? [{ page, text: own.join('\n') }] : [];
});

const folder = path.resolve('build/snippets');

/** The compiler's errors by page. */
function faultsOf(programs: readonly { page: string; text: string }[]): Map<string, string[]> {
  mkdirSync(folder, { recursive: true });
  const files = programs.map(({ page, text }) => {
    const file = path.join(folder, `${page.replaceAll(/\W/g, '-')}.ts`);
    writeFileSync(file, `${text}\n${left}\nexport {};\n`);
    return { page, file };
  });
  const { config } = ts.readConfigFile('tsconfig.json', (name) => ts.sys.readFile(name)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, process.cwd());
  const program = ts.createProgram(
    files.map(({ file }) => file),
    {
      ...options,
      noEmit: true,
      incremental: false,
      noPropertyAccessFromIndexSignature: false,
      paths: {
        '@musterhq/sdk': [path.resolve('clients/sdk/index.ts')],
        '@musterhq/sdk/worker': [path.resolve('clients/sdk/worker/index.ts')],
      },
    },
  );
  return new Map(
    files.map(({ page, file }) => {
      const source = program.getSourceFile(file);
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      return [page, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))];
    }),
  );
}

test('the programs in the pages compile', () => {
  const pages = programs.map(({ page }) => page);
  expect(pages).toEqual(expect.arrayContaining(['docs/tracing.md', 'packages/sdk/README.md']));
  const wrong = { page: 'wrong', text: `import { MusterClient } from '@musterhq/sdk';\nnew MusterClient({ url: 1 });` };
  const faults = faultsOf([...programs, wrong]);
  expect(faults.get('wrong')).not.toEqual([]);
  expect(pages.map((page) => [page, faults.get(page)])).toEqual(pages.map((page) => [page, []]));
});
