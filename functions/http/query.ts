import type { Operation } from '#shared/contract/operation.ts';
import { invalidInput } from '#shared/contract/problem.ts';
import { fieldsOf, type FieldSchema } from './fields.ts';

/**
 * The fields in a query, with the types that the operation's input has: numbers, booleans, and lists separated by commas or
 * given several times. What does not look like its type stays text, so that validation can name it.
 * @throws Refusal invalid_input when a field that is not a list is given several times
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
