import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mutations } from '../simulation/mutation-list.ts';

test.each(mutations)('the simulation can still apply the mutation: $name', ({ file, text }) => {
  const source = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
  expect(source.split(text), `${file} has this exactly once: ${text}`).toHaveLength(2);
});
