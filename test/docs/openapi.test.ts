import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openApiFile, openApiText } from '#scripts/openapi.ts';

test('openapi.json follows from the code: npm run generate', () => {
  expect(readFileSync(openApiFile, 'utf8')).toBe(openApiText());
});
