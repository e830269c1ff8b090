import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asProse, asSentence, wholeMs, wholePercent } from '#shared/contract/prose.ts';

test.each([
  ['colors', '\u001B[31mAssertionError\u001B[0m', '\\u001b[31mAssertionError\\u001b[0m'],
  ['NUL', 'read: a\u0000b', 'read: a\\u0000b'],
  ['C1 controls and DEL', '\u009B\u007F', '\\u009b\\u007f'],
  ['half a character', 'cut \uD83D', 'cut \\ud83d'],
  ['tabs and line breaks', 'a\tb\r\nc', 'a\tb\r\nc'],
  ['whole characters', 'é 日本 🚀', 'é 日本 🚀'],
  ['nothing', '', 'no message given'],
  ['only white space', ' \n ', 'no message given'],
])('%s', (_, text, kept) => {
  expect(asProse(text, 200)).toBe(kept);
});

test('the middle of long text is omitted, with its length', () => {
  const long = asProse(`head${'x'.repeat(1000)}tail`, 200);
  const [, head = '', count, tail = ''] = /^(.*) \.\.\. (\d+) characters left out \.\.\. (.*)$/.exec(long) ?? [];
  expect([head.slice(0, 4), tail.slice(-4)]).toEqual(['head', 'tail']);
  expect(head.length + Number(count) + tail.length).toBe(1008);
  expect(long.length).toBeGreaterThan(195);
});

test('no text becomes too long, loses more than reported, or changes twice', () => {
  const anyText = fc.string({ unit: fc.constantFrom('a', '🚀', '\uD83D', '\u001B', '\n', '語'), maxLength: 400 });
  fc.assert(
    fc.property(anyText, fc.integer({ min: 80, max: 200 }), (text, maxLength) => {
      const prose = asProse(text, maxLength);
      expect(prose.length).toBeLessThanOrEqual(maxLength);
      expect(prose.isWellFormed()).toBe(true);
      expect(asProse(prose, maxLength)).toBe(prose);
      const [, head = '', count, tail = ''] = /^(.*) \.\.\. (\d+) characters left out \.\.\. (.*)$/s.exec(prose) ?? [];
      if (count === undefined) return;
      const kept = (part: string) => part.replaceAll(/\\u001b|\\ud83d/g, '.').length;
      expect(kept(head) + Number(count) + kept(tail)).toBe(text.length);
    }),
  );
});

test.each([
  [-5, 0],
  [-0.2, 0],
  [12.6, 13],
  [1e300, 1e12],
])('a duration of %d ms is %d', (given, kept) => {
  expect(wholeMs(given)).toBe(kept);
});

test.each([
  [-5, 0],
  [33.4, 33],
  [120, 100],
  [NaN, 0],
])('%d percent is %d', (given, kept) => {
  expect(wholePercent(given)).toBe(kept);
});

test.each([
  ['it was refused', 'it was refused.'],
  ['It was refused.', 'It was refused.'],
  ['did you mean content?', 'did you mean content?'],
  ['Traceback (most recent…', 'Traceback (most recent…'],
])('%j ends like a sentence', (text, sentence) => {
  expect(asSentence(text)).toBe(sentence);
});
