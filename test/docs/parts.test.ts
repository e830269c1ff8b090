import { expect, test } from 'vitest';
import { documents } from '#scripts/doc-parts.ts';

test.for(documents())('the generated parts of $file follow from the code: npm run generate', ({ text, current }) => {
  expect(text).toBe(current);
});
