import { expect, test } from 'vitest';
import { assemble } from '#local/template/assembly.ts';

test('two concurrent starts with new settings end up with one template', async () => {
  const settings = { maxOpenTasks: String(1_000 + (Date.now() % 900_000)) };
  const [one, other] = await Promise.all([assemble(settings), assemble(settings)]);
  expect(one.template).toEqual(other.template);
  expect(Object.keys(one.template.Resources)).not.toEqual([]);
});
