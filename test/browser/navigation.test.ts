/** Each page has its own URL, and pages survive what happens to tabs and servers. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { MusterClient } from '../../clients/sdk/client.ts';
import { start } from '../../local/start.ts';
import { lastingPort } from '../support/lasting-port.ts';
import { openLive, textOf } from './support/live.ts';
import { expect, test } from './support/test.ts';
import { goTo, shown } from './support/visitor.ts';

test('the URL of a filtered list shows the same list to someone else', async ({ muster, visitor }) => {
  const type = muster.name('report');
  const [wanted, other] = muster.names('wanted', 'other');
  await muster.create([
    { title: wanted, task_type: type },
    { title: other, task_type: muster.name('other-type') },
  ]);
  const page = await visitor.open('/tasks');
  await page.getByLabel('Type').fill(type);
  await page.getByLabel('Type').press('Tab');
  await page.getByRole('button', { name: 'pending' }).click();
  await expect.poll(() => page.getByRole('table').innerText()).not.toContain(other);
  expect(page.url()).toContain(`task_type=${type}`);

  const colleague = await visitor.tab(await visitor.context());
  await colleague.goto(page.url());
  await colleague.getByLabel('API key').fill(muster.keys.viewer);
  await colleague.getByRole('button', { name: 'Sign in' }).click();
  await colleague.getByRole('table').waitFor();
  expect(colleague.url()).toBe(page.url());
  expect(await colleague.locator('h1').innerText()).toBe(await page.locator('h1').innerText());
  expect(await colleague.getByRole('table').innerText()).toContain(wanted);
  expect(await colleague.getByRole('table').innerText()).not.toContain(other);
});

test('back, forward and reload show the page that the URL names', async ({ muster, visitor }) => {
  const title = muster.name('title');
  const task = await muster.create({ title });
  const page = await visitor.open('/agents');
  const heading = () => page.title();
  await goTo(page, `/tasks/${task}`);
  await expect.poll(heading).toBe(`${title} · Muster`);

  await page.goBack();
  await expect.poll(heading).toBe('Agents · Muster');
  await page.goForward();
  await expect.poll(heading).toBe(`${title} · Muster`);
  await page.reload();
  await expect.poll(heading).toBe(`${title} · Muster`);
  await goTo(page, '/no/such/page');
  await page.getByRole('link', { name: 'Go to the overview' }).click();
  await expect.poll(heading).toBe('Overview · Muster');
});

test("navigation moves focus to the page's heading", async ({ muster, visitor }) => {
  const title = muster.name('title');
  await muster.call('submit_graph', { title, tasks: [{ key: 'task', content: 'x', routing: 'manual' }] });
  const page = await visitor.open('/graphs');
  await page.reload();
  await shown(page);
  const focused = (selector = '') => page.locator(`${selector}:focus`).allInnerTexts();
  expect(await focused()).toEqual([]);
  await page.getByRole('link', { name: 'Connect' }).press('Enter');
  await expect.poll(() => focused('h1')).toEqual(['Connect agents and producers']);
  await page.goBack();
  // If the link were pressed before the heading takes the focus, the focus would be lost again.
  await expect.poll(() => focused('h1')).toEqual([expect.stringContaining('graph')]);
  await page.getByRole('link', { name: title }).press('Enter');
  await expect.poll(() => focused('h1')).toEqual([title]);
  // Tab continues from there, past what is the same on every page.
  await page.keyboard.press('Tab');
  await expect.poll(() => focused()).toEqual(['Show as a table']);
});

test('data is marked old while the server is stopped, and live when it is back', async ({ visitor }) => {
  visitor.expectComplaints(/Failed to load resource: net::/);
  const data = mkdtempSync(path.join(tmpdir(), 'muster-browser-'));
  const options = { data, port: await lastingPort(), quiet: true, schedules: false, warm: false };
  const before = await start(options);
  let running: typeof before | undefined = before;
  onTestFinished(() => running?.stop());
  const create = (title: string) =>
    new MusterClient({ url: before.url, key: before.keys.admin }).call('create_task', { content: title });
  await create('from before');
  // Failing polls are sent less and less often, so the page's clock is moved instead of waiting for them.
  const { page, soon } = await openLive(visitor, '/tasks', { url: before.url, key: before.keys.viewer });
  await page.getByRole('link', { name: 'from before' }).waitFor();

  await before.stop();
  running = undefined;
  const old = page.locator('.footer .old');
  await soon(() => textOf(old)).toMatch(/Updated .+ ago: Muster does not respond/);
  await page.getByRole('link', { name: 'from before' }).waitFor();

  running = await start(options);
  await create('from after');
  await page.clock.fastForward(60_000);
  await page.getByRole('link', { name: 'from after' }).waitFor();
  await expect.poll(() => old.count()).toBe(0);
  await shown(page);
});
