import { expect, test } from 'vitest';
import { withTitles } from '../../clients/dashboard/view/titles.ts';

test('a sentence uses the titles of tasks where known', () => {
  const [known, other] = ['Y3OMvFhwnmaUOz84NitS5H2u2a', '01KAPV5GQX8D5T9W3YB7R2M4ZD'];
  const sentence = `The task is waiting for ${known} (pending), ${other} (running).`;
  expect(withTitles(sentence, new Map([[known, { title: 'Audit' }]]))).toBe(
    `The task is waiting for “Audit” (pending), ${other} (running).`,
  );
});
