import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { compareDecimals, decimalFault, decimalText, parseDecimal, type Decimal } from './decimal.ts';
import { invalid } from './errors.ts';

export type Value = AttributeValue;
export type Item = Record<string, Value>;
export type Type = 'S' | 'N' | 'B' | 'SS' | 'NS' | 'BS' | 'M' | 'L' | 'NULL' | 'BOOL';

export const typeOf = (value: Value): Type => Object.keys(value)[0] as Type;

/** The content of a value of any type. */
const contentOf = (value: Value): unknown => Object.values(value)[0];

/** @throws ValidationException if it is not a number that can be stored */
export function decimalOf(text: string): Decimal {
  const decimal = parseDecimal(text);
  if (!decimal) throw invalid('The parameter cannot be converted to a numeric value');
  const fault = decimalFault(decimal);
  if (fault !== undefined) throw invalid(fault);
  return decimal;
}

/** The value as stored: numbers in lowest terms, and a copy of everything. */
export function stored(value: Value): Value {
  const type = typeOf(value);
  switch (type) {
    case 'N':
      return { N: decimalText(decimalOf(contentOf(value) as string)) };
    case 'NS':
    case 'SS':
    case 'BS':
      return storedSet(type, contentOf(value) as (string | Uint8Array)[]);
    case 'M':
      return { M: storedItem(contentOf(value) as Item) };
    case 'L':
      return { L: (contentOf(value) as Value[]).map(stored) };
    default:
      return { [type]: contentOf(value) } as unknown as Value;
  }
}

function storedSet(type: 'NS' | 'SS' | 'BS', members: (string | Uint8Array)[]): Value {
  if (members.length === 0) throw invalid('An number set or string set or binary set may not be empty');
  const kept = type === 'NS' ? members.map((one) => decimalText(decimalOf(one as string))) : members;
  if (new Set(kept.map(keyOf)).size < kept.length) throw invalid('Input collection contains duplicates');
  return { [type]: kept } as unknown as Value;
}

export const storedItem = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, stored(value)]));

const keyOf = (member: string | Uint8Array) =>
  typeof member === 'string' ? member : Buffer.from(member).toString('base64');

/** Whether two values are equal: sets in any order, maps by their fields. */
export function isEqual(one: Value, other: Value): boolean {
  return typeOf(one) === typeOf(other) && canonical(one) === canonical(other);
}

/** A text that is the same for equal values. */
function canonical(value: Value): string {
  const content = contentOf(value);
  switch (typeOf(value)) {
    case 'N':
      return decimalText(decimalOf(content as string));
    case 'NS':
      return (content as string[])
        .map((one) => decimalText(decimalOf(one)))
        .sort()
        .join(' ');
    case 'SS':
    case 'BS':
      return JSON.stringify((content as (string | Uint8Array)[]).map(keyOf).sort());
    case 'B':
      return keyOf(content as Uint8Array);
    case 'L':
      return JSON.stringify((content as Value[]).map((one) => [typeOf(one), canonical(one)]));
    case 'M': {
      const fields = Object.entries(content as Item).sort(([one], [other]) => (one < other ? -1 : 1));
      return JSON.stringify(fields.map(([name, one]) => [name, typeOf(one), canonical(one)]));
    }
    default:
      return String(content);
  }
}

/** The order of two values; undefined unless both are strings, both numbers or both binaries. */
export function compare(one: Value, other: Value): number | undefined {
  if (one.N !== undefined && other.N !== undefined) return compareDecimals(decimalOf(one.N), decimalOf(other.N));
  if (one.S !== undefined && other.S !== undefined) return compareTexts(one.S, other.S);
  if (one.B !== undefined && other.B !== undefined) return Buffer.compare(one.B, other.B);
  return undefined;
}

/** By their UTF-8 bytes. */
export const compareTexts = (one: string, other: string) =>
  one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other));

/** The result of size(); undefined for a value that has none. */
export function sizeOf(value: Value): number | undefined {
  const content = contentOf(value);
  switch (typeOf(value)) {
    case 'S':
      return Buffer.byteLength(content as string);
    case 'B':
    case 'SS':
    case 'NS':
    case 'BS':
    case 'L':
      return (content as ArrayLike<unknown>).length;
    case 'M':
      return Object.keys(content as Item).length;
    default:
      return undefined;
  }
}

/** The size of an item in bytes; the maximum is 400 KB. */
export function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

function valueBytes(value: Value): number {
  const content = contentOf(value);
  switch (typeOf(value)) {
    case 'S':
      return Buffer.byteLength(content as string);
    case 'N':
      return numberBytes(content as string);
    case 'NS':
      return (content as string[]).reduce((sum, one) => sum + numberBytes(one), 0);
    case 'B':
      return (content as Uint8Array).length;
    case 'SS':
    case 'BS':
      return (content as (string | Uint8Array)[]).reduce((sum, one) => sum + Buffer.byteLength(one), 0);
    case 'L':
      return (content as Value[]).reduce((sum, one) => sum + 1 + valueBytes(one), 3);
    case 'M':
      return 3 + Object.keys(content as Item).length + itemBytes(content as Item);
    default:
      return 1;
  }
}

const numberBytes = (text: string) =>
  Math.ceil(text.replace(/[-.]/g, '').length / 2) + 1 + Number(text.startsWith('-'));

/** Whether two items are equal, in whatever order. */
export const sameItem = (one: Item | undefined, other: Item | undefined) =>
  one === other || (one !== undefined && other !== undefined && isEqual({ M: one }, { M: other }));
