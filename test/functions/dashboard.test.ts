import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { APIGatewayProxyStructuredResultV2 as Answer } from 'aws-lambda';
import { beforeAll, expect, test } from 'vitest';
import { bundlePath } from '#infra/bundle-path.ts';
import { bundleFunctions } from '#scripts/bundle.ts';
import { buildDashboard, dashboardBudgets, type DashboardFile } from '#scripts/dashboard.ts';
import type { serveFiles } from '../../functions/dashboard/serve-files.ts';

type Request = Parameters<ReturnType<typeof serveFiles>>[0];

let built: DashboardFile[];
let ask: (file?: string, headers?: Request['headers']) => Promise<Answer>;
let page: string;

beforeAll(async () => {
  await bundleFunctions();
  built = await buildDashboard();
  const { handler } = (await import(path.join(bundlePath('dashboard'), 'index.mjs'))) as {
    handler: ReturnType<typeof serveFiles>;
  };
  ask = (file, headers = {}) => handler({ headers, ...(file !== undefined && { pathParameters: { file } }) });
  page = String((await ask()).body);
});

const assetsOf = (html: string) => [...html.matchAll(/"\/assets\/([^"]+)"/g)].map(([, file]) => file ?? '');

test('the page refers to its few files by content hash, and has no inline script or style', () => {
  expect(
    assetsOf(page)
      .map((file) => file.replace(/-[A-Z0-9]{8}\./, '.'))
      .sort(),
  ).toEqual(['app.js', 'chunk.js', 'icon.svg', 'style.css']);
  expect(built.filter(({ loaded }) => loaded === 'first')).toHaveLength(1 + assetsOf(page).length);
  expect(page).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]* src=)|<script[^>]*>[^<]/);
});

test('every file that the page refers to is served and immutable', async () => {
  const types = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml' };
  for (const file of assetsOf(page)) {
    const { statusCode, headers, body } = await ask(file);
    expect({ file, statusCode }).toEqual({ file, statusCode: 200 });
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': types[file.split('.').at(-1) as keyof typeof types],
    });
    expect(String(body).length).toBeGreaterThan(50);
  }
});

test('the page is revalidated each time, and not sent again if unchanged', async () => {
  const { headers = {} } = await ask();
  expect(headers['cache-control']).toBe('no-cache');
  const again = await ask(undefined, { 'if-none-match': String(headers['etag']) });
  expect(again).toMatchObject({ statusCode: 304, headers: { etag: headers['etag'] } });
  expect(again.body).toBeUndefined();
  expect((await ask(undefined, { 'if-none-match': '"older"' })).statusCode).toBe(200);
});

test('files are compressed for browsers, and plain for others', async () => {
  const { headers, body, isBase64Encoded } = await ask(undefined, { 'accept-encoding': 'gzip, deflate, br' });
  expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
  expect(isBase64Encoded).toBe(true);
  expect(gunzipSync(Buffer.from(String(body), 'base64')).toString()).toBe(page);
});

test('every response forbids other origins, inline scripts, frames, and text that becomes a script', async () => {
  for (const file of [undefined, ...assetsOf(page), 'other.js']) {
    const { headers = {} } = await ask(file);
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
      ]),
    );
    expect(policy.join()).not.toMatch(/unsafe|\*|https?:|data:|blob:/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  }
});

test.each(['app.js', 'index.html', '__proto__', 'constructor', '../index.mjs', ''])(
  'there is no file %j in the assets',
  async (file) => {
    expect(await ask(file)).toMatchObject({ statusCode: 404, headers: { 'cache-control': 'no-store' } });
  },
);

test('the first view and what is loaded later are within their budgets', () => {
  const sizeOf = (when: DashboardFile['loaded']) =>
    built.filter(({ loaded }) => loaded === when).reduce((sum, { gzipped }) => sum + gzipped.length, 0);
  expect(sizeOf('first')).toBeGreaterThan(10_000);
  expect(sizeOf('first')).toBeLessThanOrEqual(dashboardBudgets.firstView);
  // The other pages in one file, and graph drawing in another.
  expect(built.filter(({ loaded }) => loaded === 'later')).toHaveLength(2);
  expect(sizeOf('later')).toBeLessThanOrEqual(dashboardBudgets.later);
});
