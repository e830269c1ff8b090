/** axe finds nothing on any page, in either color scheme, narrow or wide. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, test } from './support/test.ts';
import { goTo, type Visitor } from './support/visitor.ts';
import { plainWords } from './support/words.ts';
import { makeWorld } from './support/world.ts';

const axeSource = () => readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * The current findings on a page, as rule and element. The tab keeps axe loaded across pages; @axe-core/playwright
 * injects it for each check, which takes three times as long.
 */
const findingsIn = (page: Page) =>
  page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof Axe };
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  });

/** Checks all rules, at both widths and in both color schemes. */
async function findingsOf(page: Page, what: string): Promise<string[]> {
  const findings: string[] = [];
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource());
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const found = await findingsIn(page);
      findings.push(...found.map((finding) => `${what}, ${colorScheme}, ${width}: ${finding}`));
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

test('axe finds no issues on any page', async ({ muster, visitor }) => {
  visitor.expectComplaints(/status of 404/);
  expect(await findingsOn(await makeWorld(muster, plainWords), visitor)).toEqual([]);
});

test('axe finds no issues on the sign-in page or in a dialog', async ({ muster, visitor }) => {
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
