/** The snippets on the pages are well-formed; programs are also compiled or run by the tests of their packages. */
import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const pages = globSync(
  ['*.md', 'docs/*.md', 'packages/*/README.md', 'examples/**/README.md', 'clients/python/README.md'],
  {
    exclude: (name) => name === 'node_modules',
  },
);

/** Such as `<BusName>`. */
const placeholder = /<[^<>\n]+>/g;

const checks: Record<string, (text: string) => unknown> = {
  // A whole value, or some fields of an object; a response may be shortened.
  json: (text) => JSON.parse((text.startsWith('"') ? `{${text}}` : text).replaceAll('[...]', '[]')) as unknown,
  yaml: (text) => parse(text) as unknown,
  sh: (text) =>
    execFileSync('bash', ['-n'], { input: text.replaceAll(placeholder, 'X'), stdio: ['pipe', 'ignore', 'pipe'] }),
  python: (text) =>
    execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
      input: text,
      stdio: ['pipe', 'ignore', 'pipe'],
    }),
};

const isPythonHere = spawnSync('python3', ['--version']).status === 0;

const snippets = pages.flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/^```(\w+)\n(.*?)^```/gms)].map(([, language = '', text = '']) => ({
    page,
    language,
    text,
  })),
);

test('there are snippets of each kind', () => {
  expect(new Set(snippets.map(({ language }) => language))).toEqual(
    new Set(['sh', 'json', 'yaml', 'ts', 'python', 'text']),
  );
});

test.for(snippets.filter(({ language }) => language in checks && (language !== 'python' || isPythonHere)))(
  '$language in $page is well-formed',
  ({ language, text }) => {
    expect(() => checks[language]?.(text)).not.toThrow();
  },
);
