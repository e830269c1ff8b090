/** The cost of an open tab: how many requests a page sends, and when it sends none. */
import type { Page } from 'playwright-core';
import type { OutputOf } from '../../clients/sdk/operation-methods.ts';
import type { TestMuster } from '../support/test-muster.ts';
import { expect, test } from './support/test.ts';
import { goTo, openRequests, type Visitor } from './support/visitor.ts';

/** The poll interval of a page with changing data, in milliseconds. */
const pollMs = 2_500;
/** Each timer fires once per step, since it is set a moment after the response it follows. */
const stepMs = pollMs + 250;
/** More tasks than one page of a list. */
const taskCount = 60;

/**
 * Opens a tab whose clock can be moved. `pass` moves it poll by poll, and returns how many requests were sent in how
 * many poll intervals.
 */
async function openCounted(visitor: Visitor) {
  const context = await visitor.context();
  await context.clock.install();
  await context.addInitScript(noteRequests);
  const page = await visitor.open('/', { context });
  const open = openRequests(page);
  let sent = 0;
  page.on('request', (request) => (sent += request.url().includes('/v1/') ? 1 : 0));
  const settled = () => expect.poll(open).toBe(0);
  const pass = async (ms: number) => {
    await settled();
    const before = sent;
    const polls = Math.ceil(ms / stepMs);
    for (let n = 0; n < polls; n += 1) {
      await page.clock.fastForward(stepMs);
      // Once the page responds, the timers' requests are known.
      await page.evaluate(() => undefined);
      await settled();
    }
    return { requests: sent - before, polls };
  };
  return { page, pass };
}

/**
 * Creates a graph of many tasks, some held by an agent.
 * @returns the pages that show a part of it
 */
async function makeWork(muster: TestMuster): Promise<string[]> {
  const skill = muster.name('skill');
  const agent_id = await muster.agent('agent', [skill], { max_concurrent_tasks: 5 });
  const tasks = Array.from({ length: taskCount }, (_, n) => ({
    key: `task-${n}`,
    content: 'Write the report',
    requirements: [skill],
  }));
  const { graph_id = '', tasks: ids = {} } = await muster.call('submit_graph', { title: 'Reports', tasks });
  await muster.call('claim_tasks', { agent_id, limit: 5 });
  const pending = ids[`task-${taskCount - 1}`] ?? '';
  return ['/', '/tasks', `/tasks/${pending}`, '/graphs', `/graphs/${graph_id}`, '/agents', `/agents/${agent_id}`];
}

/** Makes it report no open tasks, whatever other tests do. */
const answerWithoutWork = (page: Page) =>
  page.route('**/v1/health', async (route) => {
    const response = await route.fetch();
    const health = (await response.json()) as OutputOf<'get_health'>;
    const queue = { ...health.queue, waiting: 0, blocked: 0, pending: 0, assigned: 0, running: 0 };
    await route.fulfill({ response, json: { ...health, queue } });
  });

/** Does what a browser does when another tab, or this one, comes to the front. */
const show = (page: Page, state: DocumentVisibilityState) =>
  page.evaluate((visibilityState) => {
    Object.defineProperties(document, {
      visibilityState: { value: visibilityState, configurable: true },
      hidden: { value: visibilityState === 'hidden', configurable: true },
    });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, state);

/** Makes a page record its requests and their times, by its own clock. */
function noteRequests(): void {
  const sent: [url: string, at: number][] = [];
  const send = window.fetch.bind(window);
  window.fetch = (request, options) => {
    sent.push([request instanceof Request ? request.url : String(request), Date.now()]);
    return send(request, options);
  };
  Object.assign(window, { sent });
}

/** How often a page requests each resource per poll interval, by the shortest time between two requests. */
async function ratesOf(page: Page, pass: (ms: number) => Promise<unknown>): Promise<number[]> {
  const taken = () => page.evaluate(() => (window as unknown as { sent: [string, number][] }).sent.splice(0));
  await pass(0);
  await taken();
  await pass(4 * stepMs);
  const byUrl = Object.groupBy(await taken(), ([url]) => url);
  return Object.values(byUrl).map((sent = []) => {
    const gaps = sent.slice(1).map(([, at], n) => at - (sent[n]?.[1] ?? 0));
    return pollMs / Math.min(4 * pollMs, ...gaps);
  });
}

test('a page with changing data sends few requests per poll, regardless of the number of tasks', async ({
  muster,
  visitor,
}) => {
  const pages = await makeWork(muster);
  const { page, pass } = await openCounted(visitor);
  const sent: Record<string, number> = {};
  for (const path of pages) {
    await goTo(page, path);
    sent[path] = (await ratesOf(page, pass)).reduce((sum, rate) => sum + rate, 0);
  }
  // On a slow machine it polls less often, since the next poll is set after the response.
  expect(Object.entries(sent).filter(([, requests]) => requests === 0 || requests > 4)).toEqual([]);
});

test('an idle page sends a quarter of that, a hidden page none, and a page shown again polls at once', async ({
  visitor,
}) => {
  const { page, pass } = await openCounted(visitor);
  await answerWithoutWork(page);
  await pass(pollMs);
  // Health, recommendations, statistics and failures.
  const { requests: idle } = await pass(40_000);
  expect(idle).toBeGreaterThanOrEqual(4 * 3);
  expect(idle).toBeLessThanOrEqual(4 * 5);

  await show(page, 'hidden');
  await pass(pollMs);
  expect((await pass(60_000)).requests).toBe(0);
  const asked = page.waitForRequest('**/v1/health');
  await show(page, 'visible');
  await asked;
  await page.unrouteAll({ behavior: 'wait' });
});

test('failing requests are sent less and less often, and the page says that its data is old', async ({ visitor }) => {
  visitor.expectComplaints(/status of 503/, /Failed to load resource: net::/);
  const { page, pass } = await openCounted(visitor);
  const old = page.locator('.footer .old');
  // One of several requests: the other responses do not make its data current.
  await page.route('**/v1/stats/queue', (route) => route.fulfill({ status: 503, json: { detail: 'Try later.' } }));
  await pass(30_000);
  await expect.poll(() => old.innerText()).toMatch(/Updated .+ ago: /);

  await page.route('**/v1/**', (route) => route.abort());
  const { requests: first } = await pass(40_000);
  const { requests: later } = await pass(40_000);
  expect(first).toBeGreaterThanOrEqual(4 * 2);
  expect(later).toBeLessThanOrEqual(first / 2);
  await expect.poll(() => old.innerText()).toMatch(/Updated .+ ago: Muster does not respond/);

  await page.unrouteAll();
  await page.clock.fastForward(60_000);
  await expect.poll(() => old.count()).toBe(0);
});

test('a missing item is polled as on an idle page, and shown when it exists', async ({ muster, visitor }) => {
  visitor.expectComplaints(/status of 404/);
  const { page, pass } = await openCounted(visitor);
  const agent_id = muster.name('agent');
  await goTo(page, `/agents/${agent_id}`);
  await expect.poll(() => page.getByRole('alert').innerText()).toContain('not found');
  let asked = 0;
  page.on('request', (request) => (asked += request.url().endsWith(`/v1/agents/${agent_id}`) ? 1 : 0));
  await pass(40_000);
  expect(asked).toBeGreaterThanOrEqual(3);
  expect(asked).toBeLessThanOrEqual(4);
  await muster.call('register_agent', { agent_id, capabilities: [] });
  await pass(10_000);
  await page.getByRole('region', { name: 'Capabilities' }).waitFor();
});

test('the signed-in caller is requested until there is a response, and then never again', async ({ visitor }) => {
  visitor.expectComplaints(/Failed to load resource: net::/);
  const context = await visitor.context();
  await context.clock.install();
  const caller = '**/v1/caller';
  await context.route(caller, (route) => route.abort());
  const page = await visitor.open('/', { context });
  const keys = page.locator('nav').getByRole('link', { name: 'Keys' });
  expect(await keys.count()).toBe(0);
  await context.unroute(caller);
  await page.clock.fastForward(5_000);
  await keys.waitFor();

  let asked = 0;
  page.on('request', (request) => (asked += request.url().endsWith('/v1/caller') ? 1 : 0));
  await page.clock.fastForward(60_000);
  await page.waitForRequest('**/v1/health');
  expect(asked).toBe(0);
});
