/**
 * A graph of a thousand tasks, the maximum, is as fast as one of a hundred. Since times depend on the machine, these
 * tests count elements and updates, and compare the CPU time of panning with that of the smaller graph.
 */
import type { CDPSession, Page } from 'playwright-core';
import { answerWithLargeGraph } from './support/large-graph.ts';
import { expect, test } from './support/test.ts';
import { goTo, patienceMs, type Visitor } from './support/visitor.ts';

const elementsIn = (page: Page) => page.locator('.drawing-frame *').count();

/** Records which elements of the drawing are added, removed or changed. */
async function watchDrawing(page: Page) {
  const seen = await page.evaluateHandle(() => {
    const seen = { moved: 0, touched: new Set<Node>() };
    const observer = new MutationObserver((records) => {
      for (const { type, target, addedNodes, removedNodes } of records) {
        const isText = target.nodeName === 'BDI';
        if (type === 'childList' && !isText) seen.moved += addedNodes.length + removedNodes.length;
        seen.touched.add(target);
      }
    });
    const frame = document.querySelector('.drawing-frame') ?? document;
    observer.observe(frame, { subtree: true, childList: true, attributes: true, characterData: true });
    return seen;
  });
  return () => seen.evaluate(({ moved, touched }) => ({ moved, touched: touched.size }));
}

/** The CPU time in milliseconds that the page uses for something, regardless of what else runs. */
async function processorTime(devtools: CDPSession, what: () => Promise<void>): Promise<number> {
  const now = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
  };
  const before = await now();
  await what();
  return ((await now()) - before) * 1000;
}

/** Drags the drawing around, zooms out until all of it is visible, and back in. */
async function moveAbout(page: Page): Promise<void> {
  const { x = 0, y = 0, width = 0, height = 0 } = (await page.locator('.drawing-frame').boundingBox()) ?? {};
  const [left, top] = [x + width / 2, y + height / 2];
  await page.mouse.move(left, top);
  await page.mouse.down();
  for (let n = 0; n < 20; n += 1) await page.mouse.move(left - n * 12, top - (n % 7) * 8);
  await page.mouse.up();
  for (let n = 0; n < 20; n += 1) await page.mouse.wheel(0, n < 10 ? 180 : -180);
}

async function openGraph(visitor: Visitor, count: number) {
  const page = await visitor.open('/graphs');
  await page.clock.install();
  const { path, polls } = await answerWithLargeGraph(page, count);
  await goTo(page, path);
  await page.locator('.box').first().waitFor();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  return { page, polls, devtools };
}

test('panning a graph of a thousand tasks is as fast as panning one of a hundred', async ({ visitor }) => {
  const [small, large] = [await openGraph(visitor, 100), await openGraph(visitor, 1000)];
  expect(await elementsIn(large.page)).toBeLessThanOrEqual(1.5 * (await elementsIn(small.page)));

  // Ten times the tasks; with one element per task, it would be twenty times the work.
  const ratio = async () => {
    const usual = await processorTime(small.devtools, () => moveAbout(small.page));
    return (await processorTime(large.devtools, () => moveAbout(large.page))) / usual;
  };
  await expect.poll(ratio, { interval: 0, timeout: patienceMs }).toBeLessThan(4);

  await large.page.getByRole('button', { name: 'Fit' }).click();
  await expect.poll(() => elementsIn(large.page)).toBeLessThan(5);
});

test('a poll of a thousand tasks updates only what has changed and is visible', async ({ visitor }) => {
  const { page, polls } = await openGraph(visitor, 1000);
  const seen = await watchDrawing(page);
  const before = polls();
  await page.clock.fastForward(15_000);
  await expect.poll(polls).toBeGreaterThan(before);
  await expect.poll(async () => (await seen()).touched).toBeGreaterThan(0);
  const { moved, touched } = await seen();
  expect(moved).toBe(0);
  expect(touched).toBeLessThan(20);
});
