import { decimalText, parseDecimal } from './decimal.ts';

/** A DynamoDB response in canonical form: without metadata, numbers in lowest terms, sets sorted. */
export function canonicalAnswer(answer: object): unknown {
  const { $metadata: _metadata, ...rest } = answer as Record<string, unknown>;
  return canonical(rest);
}

function canonical(value: unknown, name = ''): unknown {
  if (name === 'N') return number(String(value));
  if (name === 'NS') return (value as string[]).map(number).sort();
  if (name === 'SS') return [...(value as string[])].sort();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (name === 'BS') return (value as Uint8Array[]).map((one) => canonical(one)).sort();
  if (Array.isArray(value)) return value.map((one) => canonical(one));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, one]) => one !== undefined && !isEmptyObject(one));
  return Object.fromEntries(fields.map(([key, one]) => [key, canonical(one, key)]));
}

/** A response without unprocessed items omits the field or has an empty one. */
const isEmptyObject = (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

function number(text: string): string {
  const decimal = parseDecimal(text);
  return decimal ? decimalText(decimal) : text;
}
