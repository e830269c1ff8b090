import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { clausesOf } from './clauses.ts';

const adapters = resolve(import.meta.dirname, '../../shared/adapters');

/** `const isNew = 'attribute_not_exists(pk)';`, with its text in quotes or as a template of other ones. */
const declaration = /^const (\w+) =\s+(['`])(.+?)\2;$/gm;
const hasComparison = /attribute_(not_)?exists\(|contains\(|size\(| (=|<|<=|>|>=|IN) [(:]/;
const isUpdate = /^(SET|REMOVE|ADD|DELETE) /;

/** Each named condition in an adapter, with its clauses. */
export function namedConditions(): { name: string; clauses: string[] }[] {
  const files = readdirSync(adapters).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) => {
    const known = new Map<string, string>();
    const source = readFileSync(join(adapters, file), 'utf8');
    for (const [, name = '', , text = ''] of source.matchAll(declaration)) {
      const whole = text
        .replaceAll(/\$\{(\w+)\}/g, (hole, other: string) => known.get(other) ?? hole)
        .replace(/ IN \(\$\{.*\}\)$/, ' IN (:some)');
      if (hasComparison.test(whole) && !isUpdate.test(whole)) known.set(name, whole);
    }
    return [...known].map(([name, text]) => ({
      name: `${file}: ${name}`,
      clauses: clausesOf(text).map((clause) => clause.text),
    }));
  });
}
