import { expect, test } from 'vitest';
import { documents } from '#scripts/doc-parts.ts';

test.for(documents())('the generated parts of $file are up to date: npm run generate', ({ text, current }) => {
  expect(text).toBe(current);
});
