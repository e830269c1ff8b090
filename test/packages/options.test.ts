/** Compares the SDK's README with its types: each option has a row with its default. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const readme = readFileSync('packages/sdk/README.md', 'utf8');

/** The first two columns of each table of options. */
const tables = readme
  .split(/^\| option .*\n\|[- |]+\n/m)
  .slice(1)
  .map((text) => [...text.slice(0, text.search(/\n(?!\|)/)).matchAll(/^\| `(\w+)` *\| *([^|]*?) *\|/gm)]);

/** The properties of an exported type, in any of its forms. */
function optionsOf(file: string, name: string): string[] {
  const program = ts.createProgram([path.resolve(file)], {
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    types: [],
  });
  const source = program.getSourceFile(path.resolve(file));
  const checker = program.getTypeChecker();
  const symbol =
    source &&
    checker.getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol).find((one) => one.name === name);
  if (!symbol) throw new Error(`${file} exports no ${name}.`);
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  const forms = type.isUnion() ? type.types : [type];
  return [...new Set(forms.flatMap((form) => checker.getPropertiesOfType(form).map((one) => one.name)))];
}

test('each option is documented with its default', () => {
  const [client, call, agent] = tables.map((rows) => rows.map(([, option = '']) => option).sort());
  expect(client).toEqual(optionsOf('clients/sdk/transport.ts', 'ClientOptions').sort());
  expect(call).toEqual(optionsOf('clients/sdk/call-options.ts', 'CallOptions').sort());
  // An agent also accepts its client's options.
  const own = optionsOf('clients/sdk/worker/options.ts', 'AgentOptions').filter(
    (name) => name === 'logger' || !client?.includes(name),
  );
  expect(agent).toEqual(own.sort());
  expect(tables).toHaveLength(3);
  for (const [, option, value] of tables.flat()) expect({ option, value }).not.toEqual({ option, value: '' });
});
