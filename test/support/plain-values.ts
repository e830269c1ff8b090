import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';

const itemFields = ['Item', 'Key', 'ExpressionAttributeValues', 'ExclusiveStartKey'];

/** A DynamoDB request with plain values in place of attribute values. */
export function withPlainValues(request: object): Record<string, unknown> {
  const fields = Object.entries(request).map(([name, value]): [string, unknown] => {
    if (value === undefined) return [name, value];
    if (itemFields.includes(name)) return [name, plain(value as object)];
    if (name === 'Keys') return [name, (value as object[]).map(plain)];
    if (name === 'RequestItems') return [name, mapValues(value as Record<string, object>, withPlainBatch)];
    return [name, value];
  });
  return Object.fromEntries(fields);
}

const plain = (item: object) => unmarshall(item as Record<string, AttributeValue>);

/** One table's part of a batch request: keys, or a list of puts and deletes. */
const withPlainBatch = (wanted: object): object =>
  Array.isArray(wanted)
    ? (wanted as Record<string, object>[]).map((one) => mapValues(one, withPlainValues))
    : withPlainValues(wanted);

const mapValues = <T, U>(values: Record<string, T>, map: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
