import type { Browser } from 'playwright-core';
import { inject } from 'vitest';
import { test as scenario } from '../../support/muster.ts';
import { test as alone } from '../../support/own-muster.ts';
import type { TestMuster, TestMusterOptions } from '../../support/test-muster.ts';
import { launch } from './chromium.ts';
import { Visitor } from './visitor.ts';

interface Scope {
  onCleanup: (stop: () => Promise<void>) => void;
}

// eslint-disable-next-line no-empty-pattern -- vitest reads the dependencies of a fixture from this pattern
async function open({}: object, { onCleanup }: Scope): Promise<Browser | undefined> {
  const found = inject('chromium');
  if ('missing' in found) return undefined;
  const browser = await launch(found);
  onCleanup(() => browser.close());
  return browser;
}

interface Context extends Pick<TestMusterOptions, 'skip'> {
  browser: Browser | undefined;
  muster: TestMuster;
}

function visit({ browser, muster, skip }: Context, { onCleanup }: Scope): Visitor {
  const found = inject('chromium');
  if (!browser) return skip('missing' in found ? found.missing : '');
  const visitor = new Visitor(browser, muster.url, muster.keys.admin);
  onCleanup(() => visitor.leave());
  return visitor;
}

/**
 * A scenario test in a real browser, shared by all files of a process: `visitor` opens tabs of the dashboard, whose
 * errors fail the test. Skipped without a browser.
 */
export const test = scenario.extend('browser', { scope: 'worker' }, open).extend('visitor', visit);

/** The same with a Muster for one file, so that the dashboard shows only what its own tests have created. */
export const testAlone = alone.extend('browser', { scope: 'worker' }, open).extend('visitor', visit);

export { expect } from 'vitest';
