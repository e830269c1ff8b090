import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { openRequests, type Visitor } from './visitor.ts';

/**
 * Expects something of a tab whose clock can be moved, without waiting for its polls: moves it to the next poll, but
 * not while the page waits for a response.
 */
export function expectSoon(page: Page) {
  const open = openRequests(page);
  return (look: () => Promise<string | null>) =>
    expect.poll(async () => {
      if (open() === 0) await page.clock.fastForward(1_000);
      return look();
    });
}

/** Opens a tab with such an expectation. */
export async function openLive(visitor: Visitor, ...[path, options]: Parameters<Visitor['open']>) {
  const context = await visitor.context();
  await context.clock.install();
  const page = await visitor.open(path, { ...options, context });
  return { page, soon: expectSoon(page) };
}

/** The text of an element that may not exist yet. */
export const textOf = async (locator: Locator): Promise<string> => (await locator.allInnerTexts()).join('\n');
