import { describe, expect, test } from 'vitest';
import type { ArgumentSchema } from '#shared/contract/transports/tool-schemas.ts';
import { readArguments } from '../../functions/mcp/arguments.ts';

const schema: ArgumentSchema = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    count: { type: 'integer' },
    share: { type: 'number' },
    isOn: { type: 'boolean' },
    names: { type: 'array', items: { type: 'string' } },
    counts: { type: 'array', items: { type: 'integer' } },
    settings: { type: 'object', properties: { count: { type: 'integer' }, text: { type: 'string' } } },
    metadata: { type: 'object' },
    tasks: {
      type: 'array',
      items: {
        type: 'object',
        properties: { key: { type: 'string' }, names: { type: 'array', items: { type: 'string' } } },
      },
    },
    textOrCount: { type: ['string', 'integer'] },
    status: {
      anyOf: [
        { type: 'string', enum: ['on', 'off'] },
        { type: 'array', items: { type: 'string', enum: ['on', 'off'] } },
      ],
    },
    any: { type: ['object', 'array', 'string', 'number', 'boolean', 'null'], items: {} },
  },
} as unknown as ArgumentSchema;

const read = (given: unknown) => readArguments(given, schema).input;

test.each([null, undefined, {}, '{}', ' {} '])('%j is not an arguments object', (given) => {
  expect(read(given)).toEqual({});
});

describe('null', () => {
  test.each([
    { what: 'for an argument', given: { text: null, count: 1 }, as: { count: 1 } },
    { what: 'in an object', given: { settings: { count: null, text: 'x' } }, as: { settings: { text: 'x' } } },
    { what: 'in an object of a list', given: { tasks: [{ key: 'a', names: null }] }, as: { tasks: [{ key: 'a' }] } },
  ])('$what is absent', ({ given, as }) => {
    expect(read(given)).toEqual(as);
  });

  test.each([
    { what: 'where it is a declared type', given: { any: null } },
    { what: 'in data that is not interpreted', given: { metadata: { a: null }, any: { a: [null] } } },
    { what: 'in a list, which would lose an item', given: { names: ['a', null] } },
    { what: 'for an unknown argument', given: { other: null } },
  ])('$what is kept', ({ given }) => {
    expect(read(given)).toEqual(given);
  });
});

describe('a text', () => {
  test.each([
    { what: 'a whole number', given: { count: '5' }, as: { count: 5 } },
    { what: 'a negative fraction', given: { share: ' -0.25 ' }, as: { share: -0.25 } },
    { what: 'true', given: { isOn: 'true' }, as: { isOn: true } },
    { what: "Python's False", given: { isOn: 'False' }, as: { isOn: false } },
    { what: 'a list', given: { names: '["a","b, c"]' }, as: { names: ['a', 'b, c'] } },
    { what: 'an object', given: { metadata: '{"a":{"b":[1,"2"]}}' }, as: { metadata: { a: { b: [1, '2'] } } } },
    { what: 'names with commas', given: { names: 'python, web,' }, as: { names: ['python', 'web'] } },
    { what: 'one name', given: { names: 'python' }, as: { names: ['python'] } },
    { what: 'nothing', given: { names: ' ' }, as: { names: [] } },
    { what: 'a number in a list', given: { counts: ['1', 2] }, as: { counts: [1, 2] } },
    {
      what: 'nested text',
      given: { tasks: '[{"key":"a","names":"x, y"}]' },
      as: { tasks: [{ key: 'a', names: ['x', 'y'] }] },
    },
    { what: 'objects of a list', given: { tasks: ['{"key":"a"}'] }, as: { tasks: [{ key: 'a' }] } },
    { what: 'all arguments', given: '{"count":"5","text":null}', as: { count: 5 } },
    { what: 'several choices', given: { status: 'on, off' }, as: { status: ['on', 'off'] } },
  ])('that has $what is read as that if declared so', ({ given, as }) => {
    expect(read(given)).toEqual(as);
  });

  test.for<{ what: string; given: object }>([
    {
      what: 'where text is declared',
      given: { text: '5', any: '{"a":1}', textOrCount: '7', settings: { text: 'true' } },
    },
    { what: 'of a choice', given: { status: 'on' } },
    { what: 'in data that is not interpreted', given: { metadata: { a: '5', b: '[]' } } },
    {
      what: 'that is not JSON',
      given: { count: 'five', share: '0x10', isOn: 'yes', tasks: '[{', settings: '{a:1}', names: '[a' },
    },
    { what: 'of another type', given: { count: 'true', isOn: '1', settings: '[1]', counts: '{}' } },
    { what: 'with the name of a built-in object property', given: { constructor: '5', toString: null as unknown } },
  ])('$what is kept', ({ given }) => {
    expect(read(given)).toEqual(given);
  });

  test.each([
    { what: 'a number', given: { share: '1e999' }, path: ['share'] },
    {
      what: 'a number in an object',
      given: { settings: '{"count":12345678901234567890}' },
      path: ['settings', 'count'],
    },
    { what: 'a number in data', given: { metadata: '{"row":[1970670598291982291]}' }, path: ['metadata', 'row', 0] },
    { what: 'a duplicate field', given: { tasks: '[{"key":"a","key":"b"}]' }, path: ['tasks', 0, 'key'] },
  ])('with $what that reading would change is reported', ({ given, path }) => {
    expect(readArguments(given, schema).changed).toMatchObject([{ path }]);
  });
});

test.each([[[1, 2]], [5], ['text'], [{ other: 1, __proto__: { a: 1 } }]])('%j is left to be refused', (given) => {
  expect(read(given)).toEqual(given);
});

test('a reserved name is kept, so that it is refused', () => {
  const given: unknown = JSON.parse('{"__proto__":{"count":1},"settings":{"__proto__":2}}');
  expect(JSON.stringify(read(given))).toBe(JSON.stringify(given));
});

test('endlessly nested arguments do not overflow the stack', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  expect(() => read({ metadata: JSON.parse(deep) as unknown, tasks: deep })).not.toThrow();
});
