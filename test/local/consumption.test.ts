import { expect, test } from 'vitest';
import { capacityIn } from '#local/edge/consumption.ts';

const units = { TableName: 't', CapacityUnits: 1 };
const text = JSON.stringify(units);

test.each([
  ['alone', `{"ConsumedCapacity":${text}}`, units, {}],
  ['last', `{"Item":{"a":{"S":"x"}},"ConsumedCapacity":[${text}]}`, [units], { Item: { a: { S: 'x' } } }],
  ['first', `{"ConsumedCapacity":${text},"Count":1}`, units, { Count: 1 }],
  [
    'before an attribute with this name',
    `{"ConsumedCapacity":${text},"Item":{"ConsumedCapacity":{"N":"7"}}}`,
    units,
    { Item: { ConsumedCapacity: { N: '7' } } },
  ],
  [
    'after similar text',
    `{"Item":{"a":{"S":"\\"ConsumedCapacity\\":{}}"}},"ConsumedCapacity":${text}}`,
    units,
    { Item: { a: { S: '"ConsumedCapacity":{}}' } } },
  ],
  [
    'absent, but in a text',
    '{"Item":{"a":{"S":"\\"ConsumedCapacity\\":{}}"}}}',
    undefined,
    { Item: { a: { S: '"ConsumedCapacity":{}}' } } },
  ],
  [
    'absent, but an attribute',
    '{"Item":{"ConsumedCapacity":{"N":"7"}}}',
    undefined,
    { Item: { ConsumedCapacity: { N: '7' } } },
  ],
])('consumption is read and removed from a response: %s', (_, body, capacity, rest) => {
  const read = capacityIn(body);
  expect({ capacity: read.capacity, rest: JSON.parse(read.rest) as unknown }).toEqual({ capacity, rest });
});
