import { expect, test } from 'vitest';
import { invalidInput, Refusal } from '#shared/contract/problem.ts';
import { listOf } from '#shared/domain/wording.ts';

const errors = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ pointer: `/tasks/${n}`, message: 'is wrong' }));

test('a problem lists at most 50 errors and says how many more there are', () => {
  const { detail, errors: listed } = new Refusal('unknown_dependency', 'Not found.', { errors: errors(57) }).problem();
  expect(listed).toEqual(errors(50));
  expect(detail).toBe('Not found. (At least 7 more errors are not listed.)');
});

test('a problem with 50 errors does not mention more', () => {
  const { detail, errors: listed } = new Refusal('unknown_dependency', 'Not found.', { errors: errors(50) }).problem();
  expect({ detail, count: listed?.length }).toEqual({ detail: 'Not found.', count: 50 });
});

test('the fields of invalid input are listed in the same way', () => {
  const wrong = Array.from({ length: 51 }, (_, n) => ({ path: ['tasks', n], message: 'is wrong' }));
  const { detail, errors: listed } = invalidInput(wrong).problem();
  expect(listed).toEqual(errors(50));
  expect(detail).toBe('/tasks/0: is wrong. (At least 1 more errors are not listed.)');
});

test.each([
  [50, /^n0, .*, n49$/],
  [51, /^n0, .*, n49 and 1 more$/],
])('the detail of a problem names at most 50 of %i items', (count, text) => {
  expect(listOf(Array.from({ length: count }, (_, n) => `n${n}`))).toMatch(text);
});
