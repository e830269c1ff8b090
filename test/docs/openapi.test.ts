import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openApiFile, openApiText } from '#scripts/openapi.ts';

test('openapi.json is up to date: npm run generate', () => {
  expect(readFileSync(openApiFile, 'utf8')).toBe(openApiText());
});
