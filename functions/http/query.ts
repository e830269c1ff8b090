import type { Operation } from '#shared/contract/operation.ts';
import { invalidInput } from '#shared/contract/problem.ts';
import { fieldsOf, type FieldSchema } from './fields.ts';

/**
 * The fields in a query, converted to the types of the operation's input: numbers, booleans, and lists, separated by
 * commas or repeated. Values that do not match their type stay text, so that validation can name them.
 * @throws Refusal invalid_input if a field that is not a list is repeated
 */
export function readQuery(rawQuery: string, operation: Operation): [string, unknown][] {
  if (rawQuery === '') return [];
  const fields = fieldsOf(operation);
  const query = new URLSearchParams(rawQuery);
  return [...new Set(query.keys())].map((name) => {
    const schema = fields.get(name);
    const texts = query.getAll(name);
    if (accepts(schema, 'array')) return [name, texts.flatMap((text) => text.split(',').filter((item) => item !== ''))];
    if (texts.length > 1) throw invalidInput([{ path: [name], message: 'is given more than once in the query' }]);
    return [name, typed(texts[0] ?? '', schema)];
  });
}

function typed(text: string, schema: FieldSchema | undefined): unknown {
  if (accepts(schema, 'boolean') && /^(true|false)$/.test(text)) return text === 'true';
  const isNumeric = accepts(schema, 'number') || accepts(schema, 'integer');
  return isNumeric && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function accepts(schema: FieldSchema | undefined, type: string): boolean {
  return schema?.type === type || (schema?.anyOf?.some((option) => accepts(option, type)) ?? false);
}
