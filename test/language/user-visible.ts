import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.resolve(import.meta.dirname, '../..');

/** A piece of text that a user may read. */
export interface Passage {
  /** file:line */
  at: string;
  text: string;
}

const code = '{shared,clients,functions,local,infra,scripts,examples,bench}/**/*.{ts,tsx,js}';
const prose = ['*.md', '{docs,clients,examples,packages}/**/*.md', '{examples,clients/python/src}/**/*.py'];

const filesIn = (patterns: string | string[]) =>
  globSync(patterns, { cwd: root, exclude: (name) => name === 'node_modules' }).sort();

/**
 * The sentences in the code: literals, templates and JSX text of at least two words, with `…` in place of expressions.
 */
export function codePassages(): Passage[] {
  return filesIn(code).flatMap((file) => {
    const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
    const passages: Passage[] = [];
    const visit = (node: ts.Node): void => {
      const text = textOf(node);
      if (text !== undefined && sentence.test(text)) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
        passages.push({ at: `${file}:${line + 1}`, text });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return passages;
  });
}

const sentence = /(\p{L}|…)\S*\s+\S*(\p{L}|…|%)/u;

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isJsxText(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.map(({ literal }) => `…${literal.text}`)].join('');
  }
  return undefined;
}

/** The lines of the documentation and the Python code, without link URLs. */
export function prosePassages(): Passage[] {
  return filesIn(prose).flatMap((file) =>
    read(file)
      .split('\n')
      .map((line, n) => ({ at: `${file}:${n + 1}`, text: line.replaceAll(/\]\([^)]*\)/g, ']') })),
  );
}

const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** Every text in a generated document, with the path to it. */
export function textsIn(value: unknown, at: string): Passage[] {
  if (typeof value === 'string') return [{ at, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => textsIn(inner, `${at}/${name}`));
}
