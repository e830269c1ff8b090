/** The SDK in a page of another origin. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';
import { start } from '../../local/start.ts';
import { expect, test } from './support/test.ts';

/** Calls Muster as specified in the page's URL, and shows the result. */
const script = `
import { MusterClient } from './index.ts';
const [url, key] = location.hash.slice(1).split('|');
const client = new MusterClient({ url, key, retries: 0 });
const { task_id, status } = await client.createTask({ content: 'x', routing: 'manual' });
const refused = await client.getTask({ task_id: 'nobody' }).catch((error) => error);
document.body.textContent = [status, (await client.getTask({ task_id })).content, refused.code].join(' ');
`;

/**
 * Serves the page until the end of the test.
 * @returns its origin
 */
async function servePage(): Promise<string> {
  const resolveDir = path.resolve(import.meta.dirname, '../../clients/sdk');
  const stdin = { contents: script, resolveDir };
  const { outputFiles } = await build({ stdin, bundle: true, write: false, platform: 'browser', format: 'esm' });
  const [code] = outputFiles;
  const html = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script type="module">${code?.text ?? ''}</script>`;
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('the SDK works from an allowed origin and from no other', async ({ visitor }) => {
  const [allowed, other] = [await servePage(), await servePage()];
  const muster = await start({ quiet: true, schedules: false, warm: false, settings: { corsOrigins: allowed } });
  onTestFinished(() => muster.stop());
  const hash = `#${muster.url}|${muster.keys.producer}`;

  const page = await visitor.tab(await visitor.context());
  visitor.expectComplaints(/status of 404/);
  await page.goto(`${allowed}/${hash}`);
  await page.getByText('pending x task_not_found').waitFor();

  const stranger = await visitor.tab(await visitor.context());
  visitor.expectComplaints(/blocked by CORS policy/, /net::ERR_FAILED/, /MusterError/);
  const failed = stranger.waitForEvent('pageerror');
  await stranger.goto(`${other}/${hash}`);
  expect((await failed).message).toContain(`${muster.url} did not respond`);
});
