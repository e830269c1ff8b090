import { valueAt } from './condition.ts';
import { add, decimalFault, decimalText, negated, type Decimal } from './decimal.ts';
import { invalid } from './errors.ts';
import type { Path, SetTerm, Update } from './parse.ts';
import { decimalOf, isEqual, stored, typeOf, type Item, type Value } from './values.ts';

/**
 * The item after an update. All reads see the item before it, so the order of the clauses does not matter.
 * @param before only the key if the item does not exist yet
 */
export function updated(before: Item, update: Update): Item {
  const sets = update.set.map(({ path, left, operator, right }) => {
    const value = termOf(left, before);
    return { path, value: operator && right ? sum(value, termOf(right, before), operator === '-') : value };
  });
  const adds = update.add.map(({ path, value }) => ({ path, value: added(valueAt(before, path), value) }));
  const deletes = update.delete.map(({ path, value }) => ({ path, value: without(valueAt(before, path), value) }));
  let item = before;
  for (const { path, value } of [...sets, ...adds]) item = withValue(item, path, value);
  for (const { path, value } of deletes) if (value || valueAt(item, path)) item = withValue(item, path, value);
  for (const path of update.remove) item = withValue(item, path, undefined);
  return item;
}

function termOf(term: SetTerm, item: Item): Value {
  if (term.is === 'value') return stored(term.value);
  if (term.is === 'if_not_exists') return valueAt(item, term.path) ?? termOf(term.otherwise, item);
  if (term.is === 'size') throw invalid('The function is not allowed in an update expression: size');
  const value = valueAt(item, term.path);
  if (!value) throw invalid('The provided expression refers to an attribute that does not exist in the item');
  return value;
}

function sum(left: Value, right: Value, subtracts: boolean): Value {
  if (left.N === undefined || right.N === undefined) {
    throw invalid('An operand in the update expression has an incorrect data type');
  }
  const other = decimalOf(right.N);
  return numberOf(add(decimalOf(left.N), subtracts ? negated(other) : other));
}

function numberOf(decimal: Decimal): Value {
  const fault = decimalFault(decimal);
  if (fault !== undefined) throw invalid(fault);
  return { N: decimalText(decimal) };
}

function added(before: Value | undefined, value: Value): Value {
  const wanted = stored(value);
  const isSet = ['SS', 'NS', 'BS'].includes(typeOf(wanted));
  if (!isSet && wanted.N === undefined) throw invalid('Incorrect operand type for operator or function ADD');
  if (before === undefined) return wanted;
  if (typeOf(before) !== typeOf(wanted))
    throw invalid('An operand in the update expression has an incorrect data type');
  if (!isSet) return sum(before, wanted, false);
  const known = membersOf(before);
  return setOf(wanted, [...known, ...membersOf(wanted).filter((one) => !known.some((other) => isEqual(one, other)))]);
}

/** Undefined if nothing is left, since sets cannot be empty. */
function without(before: Value | undefined, value: Value): Value | undefined {
  const unwanted = stored(value);
  if (!['SS', 'NS', 'BS'].includes(typeOf(unwanted))) {
    throw invalid('Incorrect operand type for operator or function DELETE');
  }
  if (before === undefined) return undefined;
  if (typeOf(before) !== typeOf(unwanted)) {
    throw invalid('An operand in the update expression has an incorrect data type');
  }
  const removed = membersOf(unwanted);
  const left = membersOf(before).filter((one) => !removed.some((other) => isEqual(one, other)));
  return left.length === 0 ? undefined : setOf(before, left);
}

const membersOf = (set: Value): Value[] => [
  ...(set.SS ?? []).map((S): Value => ({ S })),
  ...(set.NS ?? []).map((N): Value => ({ N })),
  ...(set.BS ?? []).map((B): Value => ({ B })),
];

const setOf = (like: Value, members: readonly Value[]) =>
  ({ [typeOf(like)]: members.map((member) => Object.values(member)[0] as unknown) }) as unknown as Value;

/** The item with a different value at a path, or none. Parts shared with the old item are not changed. */
function withValue(item: Item, path: Path, value: Value | undefined): Item {
  return replaced({ M: item }, path, value).M ?? {};
}

function replaced(parent: Value, [step, ...rest]: Path, value: Value | undefined): Value {
  if (typeof step === 'string' && parent.M) {
    const child = Object.hasOwn(parent.M, step) ? parent.M[step] : undefined;
    if (rest.length > 0) {
      if (child === undefined) throw noSuchPath();
      return { M: { ...parent.M, [step]: replaced(child, rest, value) } };
    }
    if (value !== undefined) return { M: { ...parent.M, [step]: value } };
    return { M: Object.fromEntries(Object.entries(parent.M).filter(([name]) => name !== step)) };
  }
  if (typeof step === 'number' && parent.L) {
    const list = [...parent.L];
    if (rest.length > 0) {
      const child = list[step];
      if (child === undefined) throw noSuchPath();
      list[step] = replaced(child, rest, value);
    } else if (value === undefined) {
      list.splice(step, 1);
    } else {
      list[Math.min(step, list.length)] = value;
    }
    return { L: list };
  }
  throw noSuchPath();
}

const noSuchPath = () => invalid('The document path provided in the update expression is invalid for update');
