import { readFileSync } from 'node:fs';
import path from 'node:path';
import { rules } from '#infra/settings.ts';

const sources = ['props.ts', 'stack.ts'].map((file) => path.resolve(import.meta.dirname, '../infra', file));

/** What the settings of a deployment are, for people: what one means is said where its prop is declared. */
export function describeSettings(): { name: string; default: string; means: string }[] {
  const text = sources.map((file) => readFileSync(file, 'utf8')).join('');
  return Object.entries(rules).map(([name, rule]) => ({
    name,
    default: rule.default,
    means: meaningOf(rule.prop, text),
  }));
}

/** @throws Error when the prop has no doc comment */
function meaningOf(prop: string, text: string): string {
  const [, comment] = new RegExp(String.raw`/\*\*((?:(?!\*/).)*)\*/\s+readonly ${prop}\??:`, 's').exec(text) ?? [];
  if (comment === undefined) throw new Error(`The prop ${prop} has no doc comment.`);
  const [prose = ''] = comment.split('@default');
  return prose
    .replaceAll(/\n\s*\*/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
