import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { operations } from '#shared/contract/operations.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** An operation has one name in the contract and in its implementation; everything else is defined once. */
const pairs = new Set(
  operations.map(({ name }) => name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())),
);

function namesIn(text: string): string[] {
  const { statements } = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  const names = statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.map(({ name }) => name.getText());
    }
    const isNamed =
      ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement);
    return isNamed && statement.name ? [statement.name.text] : [];
  });
  return [...new Set(names)];
}

test('a top-level name in shared/ is defined in only one file, so it is clear without its path', () => {
  const files = new Map<string, string[]>();
  for (const file of globSync('shared/**/*.ts', { cwd: root })) {
    for (const name of namesIn(readFileSync(path.join(root, file), 'utf8'))) {
      files.set(name, [...(files.get(name) ?? []), file]);
    }
  }
  expect(files.size).toBeGreaterThan(500);
  const shared = [...files].filter(([name, where]) => where.length > 1 && !pairs.has(name));
  expect(Object.fromEntries(shared)).toEqual({});
});
