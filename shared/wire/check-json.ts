import { limits } from '../contract/limits.ts';
import { invalidInput } from '../contract/problem.ts';

interface JsonLocation {
  value: object;
  path: readonly string[];
}

/**
 * Refuses what JSON can express but no input may hold: numbers that are not finite (`1e999`), half surrogate pairs, the
 * field `__proto__`, and nesting without end. Runs before the schemas, which recurse; itself it does not.
 * @throws Refusal invalid_input
 */
export function checkJson(input: unknown): void {
  if (typeof input !== 'object' || input === null) return;
  const locations: JsonLocation[] = [{ value: input, path: [] }];
  for (let location = locations.pop(); location; location = locations.pop()) {
    const { value, path } = location;
    if (path.length >= limits.inputDepth) {
      // Only the top field is named: the full pointer would be as long as the nesting is deep.
      throw invalidInput([
        { path: path.slice(0, 1), message: `must be nested at most ${limits.jsonDepth} levels deep` },
      ]);
    }
    for (const [name, inner] of Object.entries(value) as [string, unknown][]) {
      const wrong = wrongName(name) ?? wrongScalar(inner);
      if (wrong !== undefined) throw invalidInput([{ path: [...path, name], message: wrong }]);
      if (typeof inner === 'object' && inner !== null) locations.push({ value: inner, path: [...path, name] });
    }
  }
}

function wrongName(name: string): string | undefined {
  if (name === '__proto__') return 'is not an allowed field name';
  return name.isWellFormed() ? undefined : 'has a name that is not valid Unicode';
}

function wrongScalar(value: unknown): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'is a number out of range';
  return typeof value === 'string' && !value.isWellFormed() ? 'must be valid Unicode' : undefined;
}
