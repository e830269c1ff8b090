/** Text from others is shown as text on every page, and breaks none. */
import type { Page } from 'playwright-core';
import { goTo } from './support/visitor.ts';
import { expect, test } from './support/test.ts';
import { hostileWords, markup } from './support/words.ts';
import { makeWorld } from './support/world.ts';

/** Characters that change the direction of other text. */
const controls = /[\u202A-\u202E\u2066-\u2069]/;

/** What a page has interpreted instead of showing it as text, if anything. */
const damageTo = (page: Page) =>
  page.evaluate((controls) => {
    const holdsControls = ({ title, textContent }: { title: string; textContent: string | null }) =>
      controls.test(title) || controls.test(textContent ?? '');
    const overflow = document.documentElement.scrollWidth - innerWidth;
    return [
      ...(document.querySelector('#app :is(img, script, iframe, object, b, [onerror])') ? ['an element'] : []),
      ...(controls.test(document.title) ? ['controls in the title of the tab'] : []),
      ...[...document.querySelectorAll<HTMLElement>('#app *')]
        .filter((element) => element.children.length === 0 && holdsControls(element))
        .map(({ tagName, className }) => `controls in ${tagName} ${className}`),
      ...(overflow > 0 ? [`${overflow} px too wide`] : []),
    ];
  }, controls);

test('hostile text in every field is shown as text, at every width', async ({ muster, visitor }) => {
  visitor.expectComplaints(/status of 404/);
  const pages = await makeWorld(muster, hostileWords);
  const page = await visitor.open();
  const damage: string[] = [];
  for (const [what, path] of Object.entries(pages)) {
    await goTo(page, path);
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      damage.push(...(await damageTo(page)).map((found) => `${what} at ${width}: ${found}`));
    }
  }
  expect(damage).toEqual([]);

  for (const what of ['failed', 'the list of tasks', 'the keys', 'a running task', 'a blocked task']) {
    await goTo(page, pages[what] ?? '');
    await expect.poll(() => page.locator('main').innerText(), { message: what }).toContain(markup);
  }
});

test('text cannot become a script', async ({ visitor }) => {
  visitor.expectComplaints(/TrustedHTML|Trusted|Content Security Policy|violates/);
  const page = await visitor.open();
  const tried = await page.evaluate(() => {
    const attempt = (change: () => void) => {
      try {
        change();
        return 'done';
      } catch (error) {
        return (error as Error).name;
      }
    };
    const script = document.createElement('script');
    return {
      markup: attempt(() => (document.body.innerHTML = '<b>bold</b>')),
      'text of a script': attempt(() => (script.text = 'hostile()')),
      'address of a script': attempt(() => (script.src = 'https://example.com/hostile.js')),
      'a policy that allows it': attempt(() => {
        const { trustedTypes } = window as unknown as { trustedTypes: { createPolicy: (name: string) => void } };
        trustedTypes.createPolicy('default');
      }),
    };
  });
  expect(tried).toEqual({
    markup: 'TypeError',
    'text of a script': 'TypeError',
    'address of a script': 'TypeError',
    'a policy that allows it': 'TypeError',
  });
});
