/** `npm run generate`: writes the generated parts of the documentation. A test checks that they are current. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { scopesOf, type Operation } from '#shared/contract/operation.ts';
import { operations } from '#shared/contract/operations.ts';
import { codes } from '#shared/contract/problem.ts';
import { describeSettings } from './describe-settings.ts';

const root = path.resolve(import.meta.dirname, '..');

/** The generated content between `<!-- name -->` and `<!-- end of name -->` in each file. */
const generated: Record<string, Record<string, () => string>> = {
  'README.md': {
    agent: () => `\`\`\`ts\n${readFileSync(path.join(root, 'examples/typescript/agent.ts'), 'utf8')}\`\`\``,
  },
  'docs/operating.md': {
    settings: () =>
      table(
        ['setting', 'default', 'what it means'],
        describeSettings().map(({ name, default: value, means }) => [code(name), code(value), means]),
      ),
  },
  'docs/reference.md': {
    operations: () =>
      table(
        ['operation', 'HTTP', 'MCP tool', 'scope', 'what it does'],
        operations.map(({ name, route, tool, scope, summary }: Operation) => {
          return [code(name), code(route), code(tool ?? ''), scope, summary];
        }),
      ),
    refusals: () =>
      table(
        ['status', 'code', 'title', 'what to do, unless the refusal says more'],
        Object.entries(codes)
          .map(([name, { status, title, hint }]) => [String(status), code(name), title, hint.replaceAll('<', '&lt;')])
          .sort(([one = ''], [other = '']) => one.localeCompare(other)),
      ),
    roles: () =>
      table(
        ['role', 'scopes'],
        Object.entries(scopesOf).map(([role, scopes]) => [role, scopes.map(code).join(', ')]),
      ),
  },
};

/** Every file with generated parts: its text, and what the text should be. */
export function documents(): { file: string; text: string; current: string }[] {
  return Object.entries(generated).map(([file, parts]) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    return { file, text, current: withParts(file, text, parts) };
  });
}

function withParts(file: string, text: string, parts: Record<string, () => string>): string {
  return Object.entries(parts).reduce((whole, [name, make]) => {
    const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
    const from = whole.indexOf(begin);
    const to = whole.indexOf(end);
    if (from < 0 || to < from) throw new Error(`${file} has no part between "${begin.trim()}" and "${end}".`);
    return `${whole.slice(0, from + begin.length)}${make()}\n${whole.slice(to)}`;
  }, text);
}

const code = (text: string) => (text === '' ? '' : `\`${text}\``);

const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

if (import.meta.main) {
  for (const { file, text, current } of documents()) {
    if (current !== text) writeFileSync(path.join(root, file), current);
  }
}
