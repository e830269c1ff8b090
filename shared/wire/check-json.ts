import * as z from 'zod';
import { limits } from '../contract/limits.ts';
import { isProse } from '../contract/nouns.ts';
import { invalidInput } from '../contract/problem.ts';

interface JsonLocation {
  value: object;
  path: readonly string[];
}

/**
 * Refuses what JSON can express but no input may contain: non-finite numbers (`1e999`), lone surrogates, the field
 * `__proto__`, and excessive nesting. Runs before the schemas, which recurse; this check does not.
 * @param schema of the input; text for people is corrected later instead of refused
 * @throws Refusal invalid_input
 */
export function checkJson(input: unknown, schema?: z.ZodType): void {
  if (typeof input !== 'object' || input === null) return;
  const locations: JsonLocation[] = [{ value: input, path: [] }];
  for (let location = locations.pop(); location; location = locations.pop()) {
    const { value, path } = location;
    if (path.length >= limits.inputDepth) {
      // Only the top-level field is named: the full pointer would be as long as the nesting is deep.
      throw invalidInput([
        { path: path.slice(0, 1), message: `must be nested at most ${limits.jsonDepth} levels deep` },
      ]);
    }
    for (const [name, inner] of Object.entries(value) as [string, unknown][]) {
      const wrong = wrongName(name) ?? wrongNumber(inner) ?? wrongText(inner, schema, [...path, name]);
      if (wrong !== undefined) throw invalidInput([{ path: [...path, name], message: wrong }]);
      if (typeof inner === 'object' && inner !== null) locations.push({ value: inner, path: [...path, name] });
    }
  }
}

function wrongName(name: string): string | undefined {
  if (name === '__proto__') return 'is not an allowed field name';
  return name.isWellFormed() ? undefined : 'has a name that is not valid Unicode';
}

const wrongNumber = (value: unknown) =>
  typeof value === 'number' && !Number.isFinite(value) ? 'is a number out of range' : undefined;

function wrongText(value: unknown, schema: z.ZodType | undefined, path: readonly string[]): string | undefined {
  if (typeof value !== 'string' || value.isWellFormed()) return undefined;
  return schema && isProseAt(schema, path) ? undefined : 'must be valid Unicode';
}

function isProseAt(schema: z.ZodType, [field, ...others]: readonly string[]): boolean {
  const inner = schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
  if (field === undefined) return isProse(inner);
  return (
    inner instanceof z.ZodObject &&
    Object.hasOwn(inner.shape, field) &&
    isProseAt(inner.shape[field] as z.ZodType, others)
  );
}
