import { describe, expect, test } from 'vitest';
import { Traceparent } from '#shared/contract/nouns.ts';
import { readTraceparent, traceIdOf } from '#shared/contract/trace-context.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const context = `${traceId}-00f067aa0ba902b7-01`;

describe('a traceparent header', () => {
  test.each([
    { is: 'read', header: `00-${context}`, read: `00-${context}` },
    { is: 'read without surrounding whitespace', header: ` 00-${context} `, read: `00-${context}` },
    { is: 'read as this version if it is of a later one', header: `cc-${context}-more`, read: `00-${context}` },
    { is: 'ignored with more fields than its version has', header: `00-${context}-more`, read: undefined },
    { is: 'ignored with version ff', header: `ff-${context}`, read: undefined },
    { is: 'ignored in uppercase', header: `00-${context.toUpperCase()}`, read: undefined },
    { is: 'ignored without a trace id', header: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, read: undefined },
    { is: 'ignored without a parent id', header: `00-${traceId}-${'0'.repeat(16)}-01`, read: undefined },
    { is: 'ignored if too short', header: `00-${traceId}-01`, read: undefined },
    { is: 'ignored if given twice', header: `00-${context},00-${context}`, read: undefined },
    { is: 'ignored if it is not text', header: 7, read: undefined },
  ])('is $is', ({ header, read }) => {
    expect(readTraceparent(header)).toBe(read);
    expect(traceIdOf(header)).toBe(read && traceId);
  });
});

test.each([
  { text: `00-${context}`, isValid: true },
  { text: `01-${context}`, isValid: true },
  { text: `00-${context}-more`, isValid: false },
  { text: `ff-${context}`, isValid: false },
  { text: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, isValid: false },
  { text: ` 00-${context}`, isValid: false },
  { text: '', isValid: false },
])('a traceparent field with "$text" is valid: $isValid', ({ text, isValid }) => {
  expect(Traceparent().safeParse(text).success).toBe(isValid);
});
