/** The pages while real agents work, and what people do there by clicks. */
import type { Page } from 'playwright-core';
import { gate, startAgent } from '../clients/working-agent.ts';
import { expect, test } from './support/test.ts';
import { goTo } from './support/visitor.ts';

/** What a page says under a heading. */
const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const state = (page: Page) => page.locator('.page-head .state').innerText();

test('every page follows a task, and the agent that works on it', async ({ muster, visitor }) => {
  const title = muster.name('Summarize the tickets');
  const task = await muster.create({ title, task_type: muster.name('summary') });
  const page = await visitor.open(`/tasks/${task}`);
  await expect.poll(() => state(page)).toBe('pending');

  const finish = gate();
  const agent = startAgent(muster, {
    handler: async ({ progress }) => {
      progress(40, 'reading tickets');
      await finish.promise;
      return { summary: 'all is well' };
    },
  });
  await expect.poll(() => state(page)).toBe('running');
  await expect.poll(() => section(page, 'Progress').innerText()).toContain('40% reading tickets');

  await page.getByRole('link', { name: agent.id }).first().click();
  await expect.poll(() => section(page, 'Holding').innerText()).toContain(title);
  await goTo(page, '/agents');
  await expect.poll(() => page.getByRole('row', { name: agent.id }).innerText()).toMatch(/1 \/ \d/);
  await goTo(page, '/');
  await expect.poll(() => page.locator('h1').innerText()).toBe('Work is flowing');
  await goTo(page, `/tasks?task_type=${muster.name('summary')}`);
  await expect.poll(() => page.getByRole('row', { name: title }).innerText()).toContain('running');

  finish.resolve();
  await expect.poll(() => page.getByRole('row', { name: title }).innerText()).toContain('completed');
  await page.getByRole('link', { name: title }).click();
  await expect.poll(() => section(page, 'Result').innerText()).toContain('"all is well"');
  await expect.poll(() => section(page, 'What happened').innerText()).toContain(`by ${agent.id}`);
});

test('a failure is found, explained and retried by clicks', async ({ muster, visitor }) => {
  const title = muster.name('Check the links');
  let runs = 0;
  startAgent(muster, {
    handler: () => {
      if (++runs === 1) throw new Error('no checkout of this repository');
      return 'all links work';
    },
  });
  const task = await muster.create({ title, max_attempts: 1 });
  const page = await visitor.open();
  await section(page, 'Recent failures').getByRole('link', { name: title }).click();
  await expect.poll(() => page.url()).toContain(`#/tasks/${task}`);
  await expect.poll(() => section(page, 'Why').innerText()).toContain('no checkout of this repository');
  expect(await section(page, 'Error').innerText()).toContain('no checkout of this repository');

  await page.getByRole('button', { name: 'Retry now' }).click();
  await expect.poll(() => state(page)).toBe('completed');
  await expect.poll(() => section(page, 'Result').innerText()).toContain('all links work');
});

test('a task is assigned and canceled by clicks', async ({ muster, visitor }) => {
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

test('an agent is drained and resumed by clicks', async ({ muster, visitor }) => {
  const agent = await muster.agent('drained');
  const page = await visitor.open(`/agents/${agent}`);
  await page.getByRole('button', { name: 'Drain' }).click();
  await page.getByRole('button', { name: `Drain ${agent}` }).click();
  await expect.poll(() => state(page)).toBe('draining');

  await page.getByRole('button', { name: 'Resume' }).click();
  await expect.poll(() => state(page)).toBe('healthy');
});

test('a key is created, shown once and revoked by clicks', async ({ muster, visitor }) => {
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
