/** Signing in and out, and what a key can do. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { MusterClient } from '../../clients/sdk/client.ts';
import { start } from '../../local/start.ts';
import { startCommand } from '../support/command.ts';
import { openLive, textOf } from './support/live.ts';
import { expect, test } from './support/test.ts';
import { goTo } from './support/visitor.ts';
import { plainWords } from './support/words.ts';
import { makeWorld } from './support/world.ts';

test('the link that npm start prints signs in, and its key is removed from the URL at once', async ({ visitor }) => {
  const muster = await startCommand(mkdtempSync(path.join(tmpdir(), 'muster-browser-')));
  await expect.poll(muster.printed).toMatch(/signed in for 12 hours: \S+\n/);
  const [, link = ''] = /signed in for 12 hours: (\S+)/.exec(muster.printed()) ?? [];
  const page = await visitor.tab(await visitor.context());
  const addresses: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/v1/')) addresses.push(page.url());
  });

  await page.goto(link);
  await page.getByText('admin key').waitFor();
  expect(new Set(addresses)).toEqual(new Set([`${muster.url}/`]));
  expect(link).toContain(`${muster.url}/#key=mst_`);
  await page.reload();
  await page.getByText('admin key').waitFor();
});

test('a sign-in link that is opened in a tab of the dashboard signs in there', async ({ muster, visitor }) => {
  const page = await visitor.tab(await visitor.context());
  await page.goto(`${muster.url}/#/agents`);
  await page.getByLabel('API key').waitFor();
  for (const [role, key] of [
    ['viewer', muster.keys.viewer],
    ['admin', muster.keys.admin],
  ]) {
    await page.goto(`${muster.url}/#key=${key}`);
    await page.getByText(`${role} key`).waitFor();
    expect(page.url()).toBe(`${muster.url}/`);
  }
});

test('a key signs in, survives a reload, is shared with a new tab and forgotten in all tabs', async ({
  muster,
  visitor,
}) => {
  const context = await visitor.context();
  const page = await visitor.tab(context);
  await page.goto(muster.url);
  await page.getByLabel('API key').fill(muster.keys.viewer);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('viewer key').waitFor();
  await page.reload();
  await page.getByText('viewer key').waitFor();

  const second = await visitor.tab(context);
  await second.goto(`${muster.url}/#/agents`);
  await second.getByText('viewer key').waitFor();

  await second.getByRole('button', { name: 'Sign out' }).click();
  for (const tab of [second, page]) {
    await tab.getByLabel('API key').waitFor();
    expect(await tab.evaluate(() => JSON.stringify([sessionStorage, localStorage]))).not.toContain('mst_');
  }
});

test('a key that cannot sign in shows why', async ({ muster, visitor }) => {
  visitor.expectComplaints(/status of 401/);
  const { detail } = await muster.refusal('get_caller', {}, 'mst_wrong');
  const page = await visitor.tab(await visitor.context());
  await page.goto(muster.url);
  await page.getByLabel('API key').fill('mst_wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect.poll(() => page.getByRole('alert').innerText()).toBe(detail);
});

test('an expired or revoked key ends the session and shows why', async ({ visitor }) => {
  visitor.expectComplaints(/status of 401/);
  const muster = await start({ quiet: true, schedules: false, warm: false, dashboard: true });
  onTestFinished(() => muster.stop());
  const admin = new MusterClient({ url: muster.url, key: muster.keys.admin });
  const { key, key_id } = await admin.call('create_key', { role: 'viewer' });

  const linkedKey = /#key=(.+)/.exec(muster.signInLink ?? '')?.[1] ?? '';
  const linked = await openLive(visitor, '/', { url: muster.url, key: linkedKey });
  const viewer = await openLive(visitor, '/agents', { url: muster.url, key });
  await admin.call('revoke_key', { key_id });
  await muster.clock.advance('12h');

  await linked.soon(() => textOf(linked.page.getByRole('alert'))).toContain('expired');
  await viewer.soon(() => textOf(viewer.page.getByRole('alert'))).toContain('revoked');
  for (const { page } of [linked, viewer]) expect(await page.getByLabel('API key').count()).toBe(1);
});

test('a viewer sees every page, but no button that the key may not use', async ({ muster, visitor }) => {
  visitor.expectComplaints(/status of 404/);
  const pages = await makeWorld(muster, plainWords);
  const [admin, viewer] = [await visitor.open(), await visitor.open('/', { key: muster.keys.viewer })];
  const buttons = { admin: new Set<string>(), viewer: new Set<string>() };
  for (const path of Object.values(pages)) {
    for (const [role, page] of [['admin', admin] as const, ['viewer', viewer] as const]) {
      await goTo(page, path);
      for (const name of await page.locator('main button:not(.chip)').allInnerTexts()) buttons[role].add(name);
    }
  }
  expect([...buttons.admin]).toEqual(
    expect.arrayContaining([
      'Retry now',
      'Cancel',
      'Assign',
      'Drain',
      'Create the key',
      'Revoke',
      'Cancel these',
      'Cancel 2 tasks',
    ]),
  );
  expect([...buttons.viewer].filter((name) => !/^(Copy|Show|Fit|Close|[−+×])/.test(name))).toEqual([]);
  expect(await viewer.locator('nav').innerText()).not.toContain('Keys');
});
