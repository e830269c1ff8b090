import { readFileSync } from 'node:fs';
import path from 'node:path';
import { rules } from '#infra/settings.ts';

const sources = ['props.ts', 'stack.ts'].map((file) => path.resolve(import.meta.dirname, '../infra', file));

/** The settings of a deployment, for the documentation: each is described by the doc comment of its prop. */
export function describeSettings(): { name: string; default: string; means: string }[] {
  const text = sources.map((file) => readFileSync(file, 'utf8')).join('');
  return Object.entries(rules).map(([name, rule]) => ({
    name,
    default: rule.default,
    means: meaningOf(rule.prop, text),
  }));
}

/** @throws Error if the prop has no doc comment */
function meaningOf(prop: string, text: string): string {
  const [, comment] = new RegExp(String.raw`/\*\*((?:(?!\*/).)*)\*/\s+readonly ${prop}\??:`, 's').exec(text) ?? [];
  if (comment === undefined) throw new Error(`The prop ${prop} has no doc comment.`);
  const [prose = ''] = comment.split('@default');
  return prose
    .replaceAll(/\n\s*\*/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
