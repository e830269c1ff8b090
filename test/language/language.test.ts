import { expect, test } from 'vitest';
import { scopesOf } from '#shared/contract/operation.ts';
import { codes } from '#shared/contract/problem.ts';
import { openApiDocument } from '#shared/contract/transports/openapi.ts';
import { toolNamesFor, toolsFor } from '#shared/contract/transports/tools.ts';
import { instructionsFor } from '../../functions/mcp/instructions.ts';
import { refusedWords } from './refused-words.ts';
import { codePassages, prosePassages, textsIn, type Passage } from './user-visible.ts';

/** `file:line: "what it says": better what to say` for every refused word. */
const findings = (passages: readonly Passage[]) =>
  passages.flatMap(({ at, text }) =>
    refusedWords.flatMap(({ pattern, better, except }) => {
      const found = except?.files.some((file) => at.startsWith(`${file}:`)) ? undefined : pattern.exec(text)?.[0];
      return found === undefined ? [] : [`${at}: "${found}" in "${text.slice(0, 200)}": better ${better}`];
    }),
  );

test("the code's texts have no refused words", () => {
  const passages = codePassages();
  expect(passages.length).toBeGreaterThan(500);
  expect(findings(passages)).toEqual([]);
});

test('texts derived from the contract have no refused words', () => {
  const document = textsIn(openApiDocument(), 'openapi.json');
  const tools = textsIn(toolsFor(scopesOf.admin), 'tools');
  const problems = textsIn(codes, 'problem.ts');
  const instructions = { at: 'instructions.ts', text: instructionsFor(new Set(toolNamesFor(scopesOf.admin))) };
  expect(findings([...document, ...tools, ...problems, instructions])).toEqual([]);
});

test('the documentation has no refused words', () => {
  expect(findings(prosePassages())).toEqual([]);
});

test('every exception is needed', () => {
  for (const { pattern, except } of refusedWords) {
    for (const file of except?.files ?? []) {
      const passages = prosePassages().filter(({ at }) => at.startsWith(`${file}:`));
      expect(
        passages.some(({ text }) => pattern.test(text)),
        `${String(pattern)} in ${file}`,
      ).toBe(true);
    }
  }
});

test('every refused word is found, and its replacement is not refused', () => {
  expect(findings([{ at: 'x:1', text: 'Mend the fields' }])).toEqual(['x:1: "Mend" in "Mend the fields": better fix']);
  expect(findings(refusedWords.map(({ better }) => ({ at: 'better', text: better })))).toEqual([]);
});
