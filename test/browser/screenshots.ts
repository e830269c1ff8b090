/** `npm run screenshots`: takes the pictures of the documentation, light and dark, in `docs/images`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { start } from '../../local/start.ts';
import { findChromium, launch } from './support/chromium.ts';
import { playDemo } from './support/demo.ts';
import { goTo, Visitor } from './support/visitor.ts';

const folder = path.join(import.meta.dirname, '../../docs/images');
const size = { width: 1200, height: 760 };
/** Lossy, but not visibly; half the size of a PNG with a palette. */
const quality = 82;
const maxBytes = 60 * 1024;

const chromium = findChromium();
if ('missing' in chromium) throw new Error(chromium.missing);
const fiftyMinutesAgo = Date.now() - 50 * 60_000;
const muster = await start({ quiet: true, schedules: false, throttle: false, now: fiftyMinutesAgo });
const browser = await launch(chromium);
try {
  const visitor = new Visitor(browser, muster.url, muster.keys.viewer);
  const context = await visitor.context({ width: size.width });
  await context.clock.install({ time: fiftyMinutesAgo });
  const page = await visitor.tab(context);
  await page.setViewportSize(size);
  await page.goto(`${muster.url}/#key=${muster.keys.viewer}`);
  // The page sees the fifty minutes pass, so that it has something to draw.
  const behind = async () => muster.clock.now() - (await page.evaluate(() => Date.now()));
  const catchUp = async () => page.clock.fastForward(Math.max(0, await behind()));
  const { graph_id, unroutable } = await playDemo(muster, catchUp);
  mkdirSync(folder, { recursive: true });
  await picture(page, 'overview', '/');
  await picture(page, 'graph', `/graphs/${graph_id}`);
  await picture(page, 'task', `/tasks/${unroutable}`);
  await picture(page, 'agent', '/agents/fixer');
  await visitor.leave();
} finally {
  await browser.close();
  await muster.stop();
}

/** One page in both color schemes. */
async function picture(page: Page, name: string, path: string): Promise<void> {
  await goTo(page, path);
  await page.waitForLoadState('networkidle');
  if ((await page.locator('.drawing-frame').count()) > 0) await page.locator('.box').first().waitFor();
  // Each scheme differs from the previous one.
  for (const colorScheme of ['dark', 'light'] as const) {
    await changeScheme(page, colorScheme);
    const devtools = await page.context().newCDPSession(page);
    const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality });
    await devtools.detach();
    save(`${name}-${colorScheme}.webp`, Buffer.from(data, 'base64'));
  }
}

/**
 * Waits until the page has noticed and repainted its canvas: by the page's clock, that can be before the next frame.
 */
async function changeScheme(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  const change = await page.evaluateHandle(() => ({
    painted: new Promise<void>((painted) => {
      const query = matchMedia('(prefers-color-scheme: dark)');
      query.addEventListener('change', () => requestAnimationFrame(() => painted()), { once: true });
    }),
  }));
  await page.emulateMedia({ colorScheme });
  await change.evaluate(({ painted }) => painted);
}

function save(name: string, image: Buffer): void {
  if (image.length > maxBytes) throw new Error(`${name} has ${image.length} bytes, more than ${maxBytes}.`);
  writeFileSync(path.join(folder, name), image);
  console.log(`${name}: ${Math.round(image.length / 1024)} KB`);
}
