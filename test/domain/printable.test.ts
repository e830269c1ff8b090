import { expect, test } from 'vitest';
import { printable, printableJson } from '#shared/contract/printable.ts';

test.each([
  ['a control character', '\u001B[31m', '\\u001b[31m'],
  ['one of the C1 controls', '\u009B1m', '\\u009b1m'],
  ['a carriage return', 'safe\rfake', 'safe\\u000dfake'],
  ['bidirectional embeddings and overrides', '\u202A\u202B\u202C\u202D\u202E', '\\u202a\\u202b\\u202c\\u202d\\u202e'],
  ['bidirectional isolates', '\u2066\u2067\u2068\u2069', '\\u2066\\u2067\\u2068\\u2069'],
  ['bidirectional marks', '\u200E\u200F\u061C', '\\u200e\\u200f\\u061c'],
  ['zero-width characters', 'a\u200Bb\u200Cc\u200Dd\u2060e\uFEFF', 'a\\u200bb\\u200cc\\u200dd\\u2060e\\ufeff'],
  ['a joiner in a Latin word', 'ad\u200Dmin \u200C', 'ad\\u200dmin \\u200c'],
  ['a joiner after an emoji that joins nothing', '👩\u200D x', '👩\\u200d x'],
  ['several joiners in a row', '👩\u200D\u200D👧', '👩\\u200d\\u200d👧'],
  ['a soft hyphen', 'a\u00ADb', 'a\\u00adb'],
  ['fillers', '\u115F\u3164', '\\u115f\\u3164'],
  ['separators of lines and paragraphs', '\u2028\u2029', '\\u2028\\u2029'],
  ['tags, which hide text', '\u{E0041}', '\\udb40\\udc41'],
  ['half a character', 'a\uD800b', 'a\\ud800b'],
])('%s is made visible', (_, text, shown) => {
  expect(printable(text)).toBe(shown);
  expect(JSON.parse(printableJson({ text }))).toEqual({ text });
  expect(printableJson({ [text]: [text] }, 2)).not.toContain(text);
});

test('readable text is unchanged', () => {
  const text = 'tab\tand line\nbreak, ünïcödé, 日本語, العربية, עברית, ⚠️ 🚀, e\u0301';
  expect(printable(text)).toBe(text);
  expect(printable(JSON.stringify({ text }))).toBe(JSON.stringify({ text }));
});

test.each([
  ['a family', '👩‍👩‍👧‍👦'],
  ['a flag', '🏳️‍🌈'],
  ['a person with a tone of skin', '🧑🏽‍🚀'],
  ['a word in Persian', 'می\u200Cخواهم'],
  ['a word in Hindi', 'क्\u200Dष'],
])('%s keeps its joiners', (_, text) => {
  expect(text).toMatch(/[\u200C\u200D]/);
  expect(printable(text)).toBe(text);
});
