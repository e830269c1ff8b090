/** `npm run generate`: writes into the README what follows from the code. A test compares, so that the two cannot drift apart. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeSettings } from '#infra/settings.ts';
import { scopesOf, type Operation } from '#shared/contract/operation.ts';
import { operations } from '#shared/contract/operations.ts';

export const readme = path.resolve(import.meta.dirname, '../README.md');

const tables: Record<string, () => string> = {
  agent: () => {
    const file = path.resolve(import.meta.dirname, '../examples/typescript/agent.ts');
    return `\`\`\`ts\n${readFileSync(file, 'utf8')}\`\`\``;
  },
  operations: () =>
    table(
      ['operation', 'HTTP', 'MCP tool', 'scope', 'what it does'],
      operations.map(({ name, route, tool, scope, summary }: Operation) => {
        return [code(name), code(route), tool === undefined ? '' : code(tool), scope, summary];
      }),
    ),
  roles: () =>
    table(
      ['role', 'scopes'],
      Object.entries(scopesOf).map(([role, scopes]) => [role, scopes.map(code).join(', ')]),
    ),
  settings: () =>
    table(
      ['setting', 'default', 'what it means'],
      describeSettings().map(({ name, default: value, means }) => [code(name), value === '' ? '' : code(value), means]),
    ),
};

/**
 * The text with every part between `<!-- name -->` and `<!-- end of name -->` as it should be now.
 * @throws Error when one of the parts is not there
 */
export function withTables(text: string): string {
  return Object.entries(tables).reduce((whole, [name, make]) => {
    const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
    const from = whole.indexOf(begin);
    const to = whole.indexOf(end);
    if (from < 0 || to < from) throw new Error(`The text has no part between "${begin.trim()}" and "${end}".`);
    return `${whole.slice(0, from + begin.length)}${make()}\n${whole.slice(to)}`;
  }, text);
}

const code = (text: string) => `\`${text}\``;

const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

if (import.meta.main) writeFileSync(readme, withTables(readFileSync(readme, 'utf8')));
