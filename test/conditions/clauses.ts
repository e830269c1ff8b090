/** Finds the clauses of a condition expression, which can be removed one at a time. */
import { Parser, type Condition, type Operand, type Path } from '../simulation/dynamodb/parse.ts';

/** The position of a clause in a condition: empty for the condition itself, otherwise the index at each level. */
type Place = readonly number[];

interface Clause {
  place: Place;
  text: string;
}

/** A condition with placeholders instead of names and values, as in the code. */
function asWritten(expression: string): Condition {
  const placeholders = (mark: string) => [...new Set(expression.match(new RegExp(`${mark}\\w+`, 'g')) ?? [])];
  const names = Object.fromEntries(placeholders('#').map((name) => [name, name]));
  const values = Object.fromEntries(placeholders(':').map((name) => [name, { S: name }]));
  return new Parser(names, values).condition(expression);
}

/**
 * Every clause joined to others by AND or OR, including the joined ones; also a whole condition if its parts are joined
 * by OR or it has none. A whole AND is omitted, since each of its parts is included.
 */
export function clausesOf(expression: string): Clause[] {
  const clauses: Clause[] = [];
  const visit = (condition: Condition, place: Place) => {
    if (place.length > 0 || condition.is !== 'and') clauses.push({ place, text: normalized(textOf(condition)) });
    if (condition.is === 'and' || condition.is === 'or') condition.all.forEach((one, n) => visit(one, [...place, n]));
  };
  visit(asWritten(expression), []);
  return clauses;
}

/** A parsed condition without the clauses that have a text; undefined if nothing is left. */
export function without(condition: Condition, expression: string, text: string): Condition | undefined {
  const places = clausesOf(expression).filter((clause) => clause.text === text);
  // From the end, so that earlier positions stay valid.
  return places.reduceRight<Condition | undefined>((left, { place }) => left && withoutPlace(left, place), condition);
}

function withoutPlace(condition: Condition, [first, ...rest]: Place): Condition | undefined {
  if (first === undefined) return undefined;
  if (condition.is !== 'and' && condition.is !== 'or') throw new Error('A clause is looked for where there is none.');
  const all = condition.all.flatMap((one, n) => (n === first ? (withoutPlace(one, rest) ?? []) : [one]));
  return { is: condition.is, all };
}

/** Numbered placeholders count as one: `#t0` and `#t1` are equivalent. */
export const normalized = (expression: string) => expression.replaceAll(/([#:][a-z]+)\d+/gi, '$1');

function textOf(condition: Condition): string {
  switch (condition.is) {
    case 'and':
    case 'or':
      return `(${condition.all.map(textOf).join(` ${condition.is.toUpperCase()} `)})`;
    case 'not':
      return `NOT ${textOf(condition.condition)}`;
    case 'compare':
      return `${operandText(condition.left)} ${condition.comparator} ${operandText(condition.right)}`;
    case 'between':
      return `${operandText(condition.operand)} BETWEEN ${operandText(condition.low)} AND ${operandText(condition.high)}`;
    case 'in':
      return `${operandText(condition.operand)} IN (...)`;
    case 'function': {
      const { name, path, argument } = condition;
      return `${name}(${[pathText(path), ...(argument ? [operandText(argument)] : [])].join(', ')})`;
    }
  }
}

function operandText(operand: Operand): string {
  if (operand.is === 'value') return operand.value.S ?? '';
  return operand.is === 'size' ? `size(${pathText(operand.path)})` : pathText(operand.path);
}

const pathText = (path: Path) => path.join('.');
