/** The pages while real agents work, and what people do there with clicks. */
import type { Page } from 'playwright-core';
import { gate, startAgent } from '../clients/working-agent.ts';
import { openLive, textOf } from './support/live.ts';
import { expect, test } from './support/test.ts';
import { goTo } from './support/visitor.ts';

/** The content under a heading. */
const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const state = (page: Page) => page.locator('.page-head .state').innerText();

test('every page follows a task and the agent that works on it', async ({ muster, visitor }) => {
  const title = muster.name('Summarize the tickets');
  const task = await muster.create({ title, task_type: muster.name('summary') });
  const { page, soon } = await openLive(visitor, `/tasks/${task}`);
  await soon(() => state(page)).toBe('pending');

  const finish = gate();
  const agent = startAgent(muster, {
    handler: async ({ progress }) => {
      progress(40, 'reading tickets');
      await finish.promise;
      return { summary: 'all is well' };
    },
  });
  await soon(() => state(page)).toBe('running');
  await soon(() => textOf(section(page, 'Progress'))).toContain('40% reading tickets');

  await page.getByRole('link', { name: agent.id }).first().click();
  await soon(() => textOf(section(page, 'Holding'))).toContain(title);
  await goTo(page, '/agents');
  await soon(() => textOf(page.getByRole('row', { name: agent.id }))).toMatch(/1 \/ \d/);
  await goTo(page, '/');
  await soon(() => textOf(page.locator('h1'))).toBe('Work is flowing');
  await goTo(page, `/tasks?task_type=${muster.name('summary')}`);
  await soon(() => textOf(page.getByRole('row', { name: title }))).toContain('running');

  finish.resolve();
  await soon(() => textOf(page.getByRole('row', { name: title }))).toContain('completed');
  await page.getByRole('link', { name: title }).click();
  await soon(() => textOf(section(page, 'Result'))).toContain('"all is well"');
  await soon(() => textOf(section(page, 'What happened'))).toContain(agent.id);
});

test('a failure can be found, explained and retried with clicks', async ({ muster, visitor }) => {
  const title = muster.name('Check the links');
  let runs = 0;
  startAgent(muster, {
    handler: () => {
      if (++runs === 1) throw new Error('no checkout of this repository');
      return 'all links work';
    },
  });
  const task = await muster.create({ title, max_attempts: 1 });
  const { page, soon } = await openLive(visitor);
  await soon(() => textOf(section(page, 'Recent failures'))).toContain(title);
  await section(page, 'Recent failures').getByRole('link', { name: title }).click();
  await expect.poll(() => page.url()).toContain(`#/tasks/${task}`);
  await soon(() => textOf(section(page, 'Why'))).toContain('no checkout of this repository');
  expect(await section(page, 'Error').innerText()).toContain('no checkout of this repository');

  await page.getByRole('button', { name: 'Retry now' }).click();
  await soon(() => state(page)).toBe('completed');
  await soon(() => textOf(section(page, 'Result'))).toContain('all links work');
});

test('a task can be assigned and canceled with clicks', async ({ muster, visitor }) => {
  const agent = await muster.agent('holder');
  const page = await visitor.open(`/tasks/${await muster.create({})}`);
  await page.getByRole('button', { name: 'Assign' }).click();
  await page.getByLabel('Agent').fill(agent);
  await page.getByRole('button', { name: `Assign to ${agent}` }).click();
  await expect.poll(() => state(page)).toBe('assigned');

  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Cancel the task' }).click();
  await expect.poll(() => state(page)).toBe('cancelled');
});

test('tasks that match a filter can be canceled with clicks, after a dry run has counted them', async ({
  muster,
  visitor,
}) => {
  const task = { task_type: muster.name('report') };
  const [kept, first, second] = await muster.create([task, task, task]);
  await muster.finish(kept);
  const page = await visitor.open(`/tasks?task_type=${task.task_type}`);
  await page.getByRole('button', { name: 'Cancel these' }).click();
  const dialog = page.getByRole('dialog');
  await expect.poll(() => dialog.innerText()).toContain('2 tasks would be cancelled');
  expect([await muster.status(first), await muster.status(second)]).toEqual(['pending', 'pending']);

  await dialog.getByRole('button', { name: 'Cancel 2 tasks' }).click();
  await expect.poll(() => dialog.innerText()).toContain('Cancelled 2 tasks.');
  await dialog.getByRole('button', { name: 'Close' }).click();
  const states = async () => (await page.locator('tbody .state').allInnerTexts()).sort();
  await expect.poll(states).toEqual(['cancelled', 'cancelled', 'completed']);
  expect([await muster.status(first), await muster.status(kept)]).toEqual(['cancelled', 'completed']);
});

test('an agent can be drained and resumed with clicks', async ({ muster, visitor }) => {
  const agent = await muster.agent('drained');
  const page = await visitor.open(`/agents/${agent}`);
  await page.getByRole('button', { name: 'Drain' }).click();
  await page.getByRole('button', { name: `Drain ${agent}` }).click();
  await expect.poll(() => state(page)).toBe('draining');

  await page.getByRole('button', { name: 'Resume' }).click();
  await expect.poll(() => state(page)).toBe('healthy');
});

test('a key can be created, is shown once, and can be revoked with clicks', async ({ muster, visitor }) => {
  const name = muster.name('for a colleague');
  const page = await visitor.open('/keys');
  await page.getByLabel('Role').selectOption('viewer');
  await page.getByLabel('Name, optional').fill(name);
  await page.getByRole('button', { name: 'Create the key' }).click();
  const key = (await page.getByLabel('The new key').innerText()).trim();
  expect(await muster.call('get_caller', {}, key)).toMatchObject({ role: 'viewer' });

  const row = page.getByRole('row', { name });
  await row.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('button', { name: 'Revoke the key' }).click();
  await expect.poll(() => row.innerText()).toContain('revoked');
  await page.reload();
  await row.waitFor();
  expect(await page.locator('body').innerText()).not.toContain(key);
});

test('a graph is shown live from waiting to completed', async ({ muster, visitor }) => {
  const [collect, write] = muster.names('Collect the changes', 'Write the notes');
  const title = muster.name('Release');
  const task = { requirements: [muster.name('skill')] };
  await muster.call('submit_graph', {
    title,
    tasks: [
      { ...task, key: 'collect', content: collect },
      { ...task, key: 'write', content: write, dependencies: ['collect'] },
    ],
  });
  const { page, soon } = await openLive(visitor, '/graphs');
  await page.getByRole('link', { name: title }).click();
  const box = (name: string) => page.locator('.box', { hasText: name }).getAttribute('class');
  await soon(() => box(collect)).toContain('pending');
  expect(await box(write)).toContain('waiting');

  const gates = { [collect]: gate(), [write]: gate() };
  startAgent(muster, { handler: ({ task }) => gates[task.content]?.promise });
  await soon(() => box(collect)).toContain('running');
  gates[collect]?.resolve();
  await soon(() => box(write)).toContain('running');
  await soon(() => box(collect)).toContain('completed');
  gates[write]?.resolve();
  await soon(() => box(write)).toContain('completed');
  await soon(() => textOf(page.locator('.lead'))).toContain('All 2 tasks completed');

  await page.getByRole('button', { name: 'Show as a table' }).click();
  await soon(() => textOf(page.getByRole('row', { name: write }))).toContain('completed');
});

test('a graph can be canceled and retried with clicks', async ({ muster, visitor }) => {
  const task = { requirements: [muster.name('skill')], routing: 'manual' as const };
  const { graph_id = '' } = await muster.call('submit_graph', {
    tasks: [
      { ...task, key: 'first', content: 'first' },
      { ...task, key: 'second', content: 'second', dependencies: ['first'] },
    ],
  });
  const page = await visitor.open(`/graphs/${graph_id}?as=table`);
  await page.getByRole('button', { name: 'Cancel 2 tasks' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel 2 tasks' }).click();
  await page.getByRole('button', { name: 'Retry 2 tasks' }).click();
  await expect.poll(() => page.locator('tbody tr').first().innerText()).toContain('pending');
  await expect.poll(() => page.locator('tbody tr').last().innerText()).toContain('waiting');
});

/** Whether something is painted in the accent color of the current scheme, which marks the critical path. */
const isAccentPainted = (page: Page) =>
  page.locator('.drawing-frame canvas').evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    copy?.drawImage(element as HTMLCanvasElement, 0, 0);
    const pixels = copy?.getImageData(0, 0, width, height).data ?? [];
    const accent = getComputedStyle(element).getPropertyValue('--accent');
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(accent.slice(at, at + 2), 16));
    for (let n = 0; n < pixels.length; n += 4) {
      if (pixels[n] === red && pixels[n + 1] === green && pixels[n + 2] === blue && pixels[n + 3] === 255) return true;
    }
    return false;
  });

test('a graph follows the color scheme, also when it changes', async ({ muster, visitor }) => {
  const task = { content: 'x', requirements: [muster.name('skill')] };
  const { graph_id = '' } = await muster.call('submit_graph', {
    tasks: [
      { ...task, key: 'first' },
      { ...task, key: 'second', dependencies: ['first'] },
    ],
  });
  const page = await visitor.open(`/graphs/${graph_id}`);
  await expect.poll(() => isAccentPainted(page)).toBe(true);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => isAccentPainted(page)).toBe(true);
});

test("times are shown by the server's clock, whatever the reader's clock says", async ({ muster, visitor }) => {
  const agent = await muster.agent('seen');
  const page = await visitor.tab(await visitor.context());
  await page.clock.install({ time: Date.now() - 600_000 });
  await page.goto(`${muster.url}/#key=${muster.keys.viewer}`);
  await goTo(page, `/agents/${agent}`);
  expect(await page.locator('.page-head').innerText()).toMatch(/seen (now|\d+ s ago)/);
  expect(await page.locator('.footer').innerText()).toMatch(/Updated (now|\d+ s ago)/);
});

test('an emoji sequence is shown as one, and directional characters have no effect', async ({ muster, visitor }) => {
  const title = `${muster.name('family')} 👩‍👩‍👧‍👦 \u202Eexe`;
  const page = await visitor.open(`/tasks/${await muster.create({ title })}`);
  expect(await page.locator('h1').innerText()).toBe(`${muster.name('family')} 👩‍👩‍👧‍👦 \\u202eexe`);
});
