import { invalid } from './errors.ts';
import type { Comparator, Condition, Operand, Path } from './parse.ts';
import { compare, isEqual, sizeOf, typeOf, type Item, type Value } from './values.ts';

/** The value at a path of an item. */
export function valueAt(item: Item | undefined, path: Path): Value | undefined {
  let value: Value | undefined = item && { M: item };
  for (const step of path) {
    if (value === undefined) return undefined;
    const fields: Item | undefined = value.M;
    value =
      typeof step === 'number' ? value.L?.[step] : fields && Object.hasOwn(fields, step) ? fields[step] : undefined;
  }
  return value;
}

/** Whether a condition holds for an item, which may not exist. */
export function holds(condition: Condition, item: Item | undefined): boolean {
  switch (condition.is) {
    case 'and':
      return condition.all.every((one) => holds(one, item));
    case 'or':
      return condition.all.some((one) => holds(one, item));
    case 'not':
      return !holds(condition.condition, item);
    case 'compare': {
      const { comparator, left, right } = condition;
      return compares(comparator, operandOf(left, item), operandOf(right, item));
    }
    case 'between': {
      const [value, low, high] = [condition.operand, condition.low, condition.high].map((one) => operandOf(one, item));
      return compares('>=', value, low) && compares('<=', value, high);
    }
    case 'in': {
      const value = operandOf(condition.operand, item);
      return condition.list.some((one) => compares('=', value, operandOf(one, item)));
    }
    case 'function':
      return functionHolds(condition, item);
  }
}

function operandOf(operand: Operand, item: Item | undefined): Value | undefined {
  if (operand.is === 'value') return operand.value;
  const value = valueAt(item, operand.path);
  if (operand.is === 'path' || value === undefined) return value;
  const size = sizeOf(value);
  return size === undefined ? undefined : { N: String(size) };
}

/** Comparing with a missing value is false, except that it differs from everything. */
function compares(comparator: Comparator, left: Value | undefined, right: Value | undefined): boolean {
  if (comparator === '<>') return !compares('=', left, right);
  if (left === undefined || right === undefined) return false;
  if (comparator === '=') return isEqual(left, right);
  const order = compare(left, right);
  if (order === undefined) return false;
  if (comparator === '<') return order < 0;
  if (comparator === '<=') return order <= 0;
  return comparator === '>' ? order > 0 : order >= 0;
}

function functionHolds({ name, path, argument }: Condition & { is: 'function' }, item: Item | undefined): boolean {
  const value = valueAt(item, path);
  if (name === 'attribute_exists') return value !== undefined;
  if (name === 'attribute_not_exists') return value === undefined;
  if (!argument) throw invalid(`Incorrect number of operands for operator or function ${name}`);
  const wanted = operandOf(argument, item);
  if (value === undefined || wanted === undefined) return false;
  if (name === 'attribute_type') return typeOf(value) === wanted.S;
  if (name === 'begins_with') return value.S !== undefined && wanted.S !== undefined && value.S.startsWith(wanted.S);
  return contains(value, wanted);
}

function contains(value: Value, wanted: Value): boolean {
  if (value.S !== undefined) return wanted.S !== undefined && value.S.includes(wanted.S);
  const members = [
    ...(value.SS ?? []).map((S): Value => ({ S })),
    ...(value.NS ?? []).map((N): Value => ({ N })),
    ...(value.BS ?? []).map((B): Value => ({ B })),
    ...(value.L ?? []),
  ];
  return members.some((member) => isEqual(member, wanted));
}
