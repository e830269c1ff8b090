import type { Browser } from 'playwright-core';
import { inject } from 'vitest';
import { test as scenario } from '../../support/muster.ts';
import { Visitor } from './visitor.ts';

interface Scope {
  onCleanup: (stop: () => Promise<void>) => void;
}

// eslint-disable-next-line no-empty-pattern -- vitest reads the dependencies of a fixture from this pattern
async function launch({}: object, { onCleanup }: Scope): Promise<Browser | undefined> {
  const found = inject('chromium');
  if ('missing' in found) return undefined;
  const { chromium } = await import('playwright-core');
  const { executablePath, env } = found;
  // Root has no sandbox, and containers often have none. These pages come from this machine.
  const args = ['--no-sandbox', '--disable-gpu'];
  const browser = await chromium.launch({ executablePath, env: { ...process.env, ...env }, args });
  onCleanup(() => browser.close());
  return browser;
}

/**
 * A scenario test in a real browser, one for all files of a process: `visitor` opens tabs of the dashboard, whose complaints
 * fail the test. Skipped where there is no browser.
 */
export const test = scenario
  .extend('browser', { scope: 'worker' }, launch)
  .extend('visitor', ({ browser, muster, skip }, { onCleanup }) => {
    const found = inject('chromium');
    if (!browser) return skip('missing' in found ? found.missing : '');
    const visitor = new Visitor(browser, muster.url, muster.keys.admin);
    onCleanup(() => visitor.leave());
    return visitor;
  });

export { expect } from 'vitest';
