/** What document clients do: plain values on one side, DynamoDB's on the other. */
const itemFields = ['Item', 'Key', 'Attributes', 'ExpressionAttributeValues', 'ExclusiveStartKey', 'LastEvaluatedKey'];
const listFields = ['Items', 'Keys'];

/** A request or an answer of DynamoDB with its items in another form. */
export function translated(message: object, translate: (item: object) => object): object {
  const fields = Object.entries(message).map(([name, value]): [string, unknown] => {
    if (value === undefined || value === null) return [name, value];
    if (itemFields.includes(name)) return [name, translate(value as object)];
    if (listFields.includes(name)) return [name, (value as object[]).map(translate)];
    if (name === 'Responses') return [name, mapValues(value as Record<string, object[]>, (all) => all.map(translate))];
    if (name === 'RequestItems' || name.startsWith('Unprocessed')) {
      return [name, mapValues(value as Record<string, object>, (one) => translatedBatch(one, translate))];
    }
    return [name, value];
  });
  return Object.fromEntries(fields);
}

/** What one table is asked for in a batch: keys, or a list of puts and deletes. */
const translatedBatch = (wanted: object, translate: (item: object) => object): object =>
  Array.isArray(wanted)
    ? (wanted as Record<string, object>[]).map((one) => mapValues(one, (request) => translated(request, translate)))
    : translated(wanted, translate);

const mapValues = <T, U>(values: Record<string, T>, map: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
