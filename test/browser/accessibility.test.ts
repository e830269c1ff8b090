/** No page has a finding of axe, in either scheme, narrow or wide. */
import type { Page } from 'playwright-core';
import { expect, test } from './support/test.ts';
import { goTo, type Visitor } from './support/visitor.ts';
import { plainWords } from './support/words.ts';
import { makeWorld } from './support/world.ts';

/** What axe finds in a page as it is now, as rule and element. */
async function findingsIn(page: Page): Promise<string[]> {
  const { AxeBuilder } = await import('@axe-core/playwright');
  // Not in a tab of its own, which takes longer than the test itself.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

/** The same in both schemes and at both widths. */
async function findingsOf(page: Page, what: string): Promise<string[]> {
  const findings: string[] = [];
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      findings.push(...(await findingsIn(page)).map((finding) => `${what}, ${colorScheme}, ${width}: ${finding}`));
    }
  }
  return findings;
}

async function findingsOn(pages: Record<string, string>, visitor: Visitor): Promise<string[]> {
  const page = await visitor.open();
  const findings: string[] = [];
  for (const [what, path] of Object.entries(pages)) {
    await goTo(page, path);
    findings.push(...(await findingsOf(page, what)));
  }
  return findings;
}

test('axe finds nothing on any page', async ({ muster, visitor }) => {
  visitor.expectComplaints(/status of 404/);
  expect(await findingsOn(await makeWorld(muster, plainWords), visitor)).toEqual([]);
});

test('axe finds nothing when one signs in, nor in a dialog', async ({ muster, visitor }) => {
  visitor.expectComplaints(/status of 401/);
  const nobody = await visitor.tab(await visitor.context());
  await nobody.goto(muster.url);
  await nobody.getByLabel('API key').fill('mst_wrong');
  await nobody.getByRole('button', { name: 'Sign in' }).click();
  await nobody.getByRole('alert').waitFor();
  expect(await findingsOf(nobody, 'signing in')).toEqual([]);

  const page = await visitor.open(`/tasks/${await muster.create({})}`);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog').waitFor();
  expect(await findingsOf(page, 'canceling')).toEqual([]);
});
