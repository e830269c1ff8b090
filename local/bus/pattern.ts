/**
 * Event patterns of EventBridge rules and Lambda event filters. Supported: exact values, nesting, prefix, suffix,
 * anything-but (values or a prefix), exists, numeric and equals-ignore-case. Anything else is rejected.
 */

export type Matches = (event: unknown) => boolean;
type Test = (value: unknown) => boolean;

/** @throws Error for an unsupported pattern */
export function compilePattern(pattern: unknown): Matches {
  if (!isObject(pattern)) throw refuse(pattern);
  const fields = Object.entries(pattern).map(([name, part]): [string, Matches] => [
    name,
    Array.isArray(part) ? anyOf(part.map(compileTest)) : compilePattern(part),
  ]);
  return (event) => fields.every(([name, matches]) => matches(isObject(event) ? event[name] : undefined));
}

/** A field with a list matches if one of its elements does. */
const anyOf =
  (tests: Test[]): Matches =>
  (value) =>
    tests.some((test) => (Array.isArray(value) ? value.some(test) : test(value)));

function compileTest(part: unknown): Test {
  if (!isObject(part)) return (value) => value === part;
  const [[operator, argument] = ['', undefined], ...others] = Object.entries(part);
  const operation = others.length === 0 ? operators[operator] : undefined;
  if (!operation) throw refuse(part);
  return operation(argument);
}

const operators: Record<string, (argument: unknown) => Test> = {
  prefix: comparing((value, prefix) => value.startsWith(prefix)),
  suffix: comparing((value, suffix) => value.endsWith(suffix)),
  'equals-ignore-case': comparing((value, other) => value.toLowerCase() === other.toLowerCase()),
  exists: (wanted) => (value) => (value !== undefined) === wanted,
  'anything-but': (excluded) => {
    const tests = (Array.isArray(excluded) ? excluded : [excluded]).map(compileTest);
    return (value) => value !== undefined && !tests.some((test) => test(value));
  },
  numeric: (argument) => {
    const terms = numericTerms(argument);
    return (value) => typeof value === 'number' && terms.every((term) => term(value));
  },
};

const comparisons: Record<string, (left: number, right: number) => boolean> = {
  '=': (left, right) => left === right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

function numericTerms(argument: unknown): ((value: number) => boolean)[] {
  if (!Array.isArray(argument)) throw refuse(argument);
  const terms: ((value: number) => boolean)[] = [];
  for (let at = 0; at < argument.length; at += 2) {
    const compare = comparisons[String(argument[at])];
    const operand: unknown = argument[at + 1];
    if (!compare || typeof operand !== 'number') throw refuse(argument);
    terms.push((value) => compare(value, operand));
  }
  return terms;
}

function comparing(holds: (value: string, argument: string) => boolean): (argument: unknown) => Test {
  return (argument) => {
    if (typeof argument !== 'string') throw refuse(argument);
    return (value) => typeof value === 'string' && holds(value, argument);
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refuse = (part: unknown): Error =>
  new Error(
    `local/ does not support the event pattern ${JSON.stringify(part)}. ` +
      'See the supported forms at the top of local/bus/pattern.ts.',
  );
