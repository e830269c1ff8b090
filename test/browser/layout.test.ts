/** Content that loads late does not move what is already being read. */
import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { OutputOf } from '../../clients/sdk/operation-methods.ts';
import { meaningOfHealth } from '../../clients/dashboard/view/agents.ts';
import { meaningOf } from '../../clients/dashboard/view/states.ts';
import { expect, testAlone as test } from './support/test.ts';
import { goTo, openRequests } from './support/visitor.ts';
import { plainWords } from './support/words.ts';
import { makeWorld } from './support/world.ts';

/** The delay in milliseconds between consecutive responses: several frames. */
const stepMs = 50;

/**
 * Delays responses so that they arrive one by one, in the order of the requests.
 * @returns whether any is still to come
 */
async function slowDown(page: Page): Promise<() => boolean> {
  const open = openRequests(page);
  let last = Promise.resolve();
  await page.route('**/v1/**', async (route) => {
    last = last.then(() => setTimeout(stepMs));
    await last;
    await route.continue().catch(() => undefined);
  });
  return () => open() > 0;
}

/** Records which parts of a page move for reasons other than the reader's actions. */
function watchMovements(): void {
  const moved: string[] = [];
  Object.assign(window, { moved });
  const nameOf = (node: Node | null) => {
    const element = node instanceof Element ? node : node?.parentElement;
    return element ? (element.ariaLabel ?? element.outerHTML.slice(0, 80)) : 'what is gone';
  };
  new PerformanceObserver((list) => {
    const shifts = list.getEntries() as (PerformanceEntry & { sources: { node: Node | null }[] })[];
    moved.push(...shifts.flatMap(({ sources }) => sources.map(({ node }) => nameOf(node))));
  }).observe({ type: 'layout-shift' });
}

const movedOn = (page: Page) => page.evaluate(() => (window as unknown as { moved: string[] }).moved.splice(0));

/** One page of each kind, with all of its possible parts. */
const kinds = [
  'the overview',
  'the list of tasks',
  'failed',
  'pending',
  'the graphs',
  'a graph',
  'the agents',
  'an agent',
];

test('content that loads late does not shift other parts of a page', async ({ muster, visitor }) => {
  visitor.expectComplaints(/status of 404/);
  const pages = await makeWorld(muster, plainWords);
  // A count in the navigation with another digit would move its neighbors.
  await muster.settled();
  const page = await visitor.tab(await visitor.context());
  await page.addInitScript(watchMovements);
  const isLoading = await slowDown(page);
  await page.goto(`${muster.url}/#key=${muster.keys.admin}`);
  const found: string[] = [];
  for (const what of [...kinds, 'the keys']) {
    await goTo(page, pages[what] ?? '');
    await expect.poll(isLoading).toBe(false);
    found.push(...(await movedOn(page)).map((part) => `${what}: ${part}`));
    // Navigating between pages that share a part may move that part.
    await goTo(page, '/connect');
    await movedOn(page);
  }
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  expect(found).toEqual([]);
});

/** Makes it look empty, whatever other tests have created. */
async function answerAsNew(page: Page): Promise<void> {
  const none = { tasks: [], graphs: [], agents: [], recommendations: [] };
  await page.route(/\/v1\/(tasks|graphs|agents|recommendations)/, (route) => route.fulfill({ json: none }));
  await page.route('**/v1/health', async (route) => {
    const response = await route.fetch();
    const { queue, agents, ...health } = (await response.json()) as OutputOf<'get_health'>;
    const json = { ...health, queue: { ...queue, total: 0 }, agents: { ...agents, total_agents: 0 } };
    await route.fulfill({ response, json });
  });
}

test('a new deployment shows how to start, on the narrowest screen too', async ({ visitor }) => {
  const page = await visitor.open('/connect', { width: 360 });
  await answerAsNew(page);
  for (const path of ['/', '/agents', '/graphs']) {
    await goTo(page, path);
    await page.getByText('"Authorization: Bearer $MUSTER_KEY"').first().waitFor();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow, path).toBeLessThanOrEqual(0);
  }
  await page.unrouteAll({ behavior: 'wait' });
});

test('the words of all states are at the same height as the text around them', async ({ visitor }) => {
  const page = await visitor.open();
  const marks = [
    ...Object.keys(meaningOf).map((status) => `mark ${status}`),
    ...Object.keys(meaningOfHealth).map((state) => `mark agent-mark-${state}`),
  ];
  const offsets = await page.evaluate(
    (classes) =>
      classes.map((name) => {
        const element = (tag: string, className: string, ...children: (Node | string)[]) => {
          const made = Object.assign(document.createElement(tag), { className });
          made.append(...children);
          return made;
        };
        const [text, word] = [element('span', '', 'text'), element('span', '', 'word')];
        document.body.append(element('div', '', text, element('span', 'state', element('span', name), word)));
        return Math.round(word.getBoundingClientRect().bottom - text.getBoundingClientRect().bottom);
      }),
    marks,
  );
  expect(offsets).toEqual(marks.map(() => offsets[0]));
});
